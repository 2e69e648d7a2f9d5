import type { HttpRequest } from "../http/message";
import type { Parameter, Target } from "./request";

/** What a request says about who sent it, before it is believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly securityToken?: string | undefined;
  /** The region that V4 signs for. */
  readonly regionId?: string | undefined;
  readonly signature: string;
  /** When it was signed; OSS allows 15 minutes. Undefined for a V1 URL, which only says until when it holds. */
  readonly signedAtMs?: number | undefined;
  /** Until when a signed URL holds. */
  readonly expiresAtMs?: number | undefined;
  /** What the holder of this secret would have signed, and the signature that it gives. */
  readonly expected: (accessKeySecret: string) => { stringToSign: string; signature: string };
}

/** The value of the parameter of that name. */
export type Lookup = (name: string) => string | undefined;

// What V1 and V4 sign alike.

export const resourceOf = ({ bucket, key }: Target): string => (bucket ? `/${bucket}/${key}` : "/");

/** The names of the headers that belong to OSS. */
export const ossHeadersOf = ({ headers }: HttpRequest): string[] =>
  Object.keys(headers)
    .filter((name) => name.startsWith("x-oss-") && headers[name] !== undefined)
    .sort();

/** `name:value` on a line each. */
export const headerLines = ({ headers }: HttpRequest, names: readonly string[]): string =>
  names.map((name) => `${name}:${headers[name]!.trim()}\n`).join("");

/** `name=value` in the order of the names, or the name alone if the value is empty. */
export const queryOf = (parameters: readonly Parameter[]): string =>
  [...parameters]
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
