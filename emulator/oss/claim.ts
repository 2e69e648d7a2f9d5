import type { HttpRequest } from "../http/message";
import type { Parameter, Target } from "./request";

/** What a request claims about its sender, before the signature is checked. */
export interface Claim {
  readonly accessKeyId: string;
  readonly securityToken?: string | undefined;
  /** The region in a V4 signature. */
  readonly regionId?: string | undefined;
  readonly signature: string;
  /** When it was signed; OSS allows 15 minutes. Undefined for a V1 URL, which has only a time of expiry. */
  readonly signedAtMs?: number | undefined;
  /** When a signed URL expires. */
  readonly expiresAtMs?: number | undefined;
  /** The string that the holder of this secret would have signed, with its signature. */
  readonly expected: (accessKeySecret: string) => { stringToSign: string; signature: string };
}

/** The value of the parameter of that name. */
export type Lookup = (name: string) => string | undefined;

// The parts that V1 and V4 sign in the same way.

export const resourceOf = ({ bucket, key }: Target): string => (bucket ? `/${bucket}/${key}` : "/");

/** The names of the headers that belong to OSS. */
export const ossHeadersOf = ({ headers }: HttpRequest): string[] =>
  Object.keys(headers)
    .filter((name) => name.startsWith("x-oss-") && headers[name] !== undefined)
    .sort();

/** `name:value`, each on a line. */
export const headerLines = ({ headers }: HttpRequest, names: readonly string[]): string =>
  names.map((name) => `${name}:${headers[name]!.trim()}\n`).join("");

/** `name=value`, sorted by name. If the value is empty, only the name. */
export const queryOf = (parameters: readonly Parameter[]): string =>
  [...parameters]
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
