import type { HttpAnswer, HttpRequest } from "../http/message";
import { type Elements, xmlDocument } from "../http/xml";
import type { Context, Permission } from "../request/emulation";
import { accountsIn } from "../world/accounts";
import type { BucketRecord, World } from "../world/world";
import { ossRefusal } from "./refusal";
import { type Parameter, requestIdHeaders, type Target } from "./request";

/** A request, as an operation sees it. */
export interface Asked extends Target {
  readonly request: HttpRequest;
  readonly parameters: readonly Parameter[];
  readonly world: World;
  readonly context: Context;
}

/** One operation of OSS. */
export interface Operation {
  readonly name: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly on: "service" | "bucket" | "object";
  /** The parameter that marks the operation, where method and target are not enough to recognize it. */
  readonly marked?: string;
  /** The header that marks it, in the same way. */
  readonly header?: string;
  /**
   * The action that a policy must allow, where it is not `oss:<name>`:
   * https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy-overview
   */
  readonly permission?: string;
  answer(asked: Asked): HttpAnswer;
}

/** A time in the format of OSS: with milliseconds that are always 0. Clients parse exactly this format. */
export const ossTime = (ms: number): string => new Date(ms).toISOString().replace(/\d{3}Z$/, "000Z");

export const parameter = ({ parameters }: Pick<Asked, "parameters">, name: string): string | undefined =>
  parameters.find(([n]) => n === name)?.[1];

export function permissionsOf(operation: Operation, { bucket, key }: Target): Permission[] {
  const resource = operation.on === "service" ? "*" : operation.on === "bucket" ? bucket : `${bucket}/${key}`;
  return [{ action: operation.permission ?? `oss:${operation.name}`, resource: `acs:oss:*:*:${resource}` }];
}

export function bucketOf({ world, bucket, context }: Pick<Asked, "world" | "bucket" | "context">): BucketRecord {
  if (!isBucketName(bucket)) throw ossRefusal("InvalidBucketName", "", { BucketName: bucket });
  const found = world.buckets.get(bucket);
  if (!found && isTaken(context.cloud, bucket)) throw ossRefusal("AccessDenied");
  if (!found) throw ossRefusal("NoSuchBucket", "", { BucketName: bucket });
  return found;
}

/** Bucket names are shared by all accounts. */
export const isTaken = (cloud: World, bucket: string): boolean =>
  accountsIn(cloud).some(({ buckets }) => buckets.has(bucket));

/** https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions */
export const isBucketName = (name: string): boolean => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);

export const xmlAnswer = (
  { context }: Pick<Asked, "context">,
  root: string,
  content: string | Elements,
): HttpAnswer => ({
  status: 200,
  headers: { ...requestIdHeaders(context.requestId), "content-type": "application/xml" },
  body: xmlDocument(root, content),
});

export const emptyAnswer = (
  { context }: Pick<Asked, "context">,
  status: number,
  headers: Record<string, string> = {},
): HttpAnswer => ({
  status,
  headers: { ...requestIdHeaders(context.requestId), ...headers },
  body: "",
});
