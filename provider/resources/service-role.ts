import { Failure, isFailure } from "../failure";
import type { Context } from "../lifecycle/session";

/** What ECS must be allowed to do with a bucket, by the pages of ImportImage and ExportImage. */
const NEEDS = {
  import: ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"],
  export: [
    "oss:GetObject",
    "oss:PutObject",
    "oss:DeleteObject",
    "oss:GetBucketLocation",
    "oss:GetBucketInfo",
    "oss:AbortMultipartUpload",
    "oss:ListMultipartUploads",
    "oss:ListParts",
  ],
} as const;

const DEFAULT_ROLE = { import: "AliyunECSImageImportDefaultRole", export: "AliyunECSImageExportDefaultRole" } as const;

/** The older pages spell the account with one c; both codes are seen. */
const ROLE_CODES = ["NoSetRoletoECSServiceAccount", "NoSetRoletoECSServiceAcount", "InvalidOSS.NotAuthorized"];

/** ECS may not know a role, or its policy, yet when both were created a minute ago. */
const ROLE_LAG_MS = 3 * 60_000;
const ROLE_PAUSE_MS = 10_000;

const isRoleMissing = (error: unknown): error is Failure =>
  isFailure(error) && ROLE_CODES.includes(error.detail.code ?? "");

/**
 * Sends a call in which ECS acts on a bucket under a RAM role of the account. A role that ECS does not accept is waited for up to
 * three minutes. Then the failure names the role, and gives the two policies that it needs for exactly these buckets. The
 * roles themselves are never changed here.
 */
export async function withServiceRole<T>(
  purpose: keyof typeof NEEDS,
  roleName: string | undefined,
  buckets: readonly string[],
  ctx: Context,
  call: () => Promise<T>,
): Promise<T> {
  const untilMs = Math.min(ctx.clock.now() + ROLE_LAG_MS, ctx.deadlineMs);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isRoleMissing(error)) throw error;
      if (ctx.clock.now() + ROLE_PAUSE_MS > untilMs)
        throw new Failure(error.kind, `${error.message}\n${roleAdvice(purpose, roleName, buckets)}`, error.detail);
      ctx.show(`waiting: ECS does not accept the role ${roleName ?? DEFAULT_ROLE[purpose]} yet`);
      await ctx.clock.sleep(ROLE_PAUSE_MS);
    }
  }
}

export function roleAdvice(
  purpose: keyof typeof NEEDS,
  roleName: string | undefined,
  buckets: readonly string[],
): string {
  const trust = {
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["ecs.aliyuncs.com"] } }],
  };
  const resources = [...new Set(buckets)].flatMap((bucket) => [`acs:oss:*:*:${bucket}`, `acs:oss:*:*:${bucket}/*`]);
  const permissions = { Version: "1", Statement: [{ Effect: "Allow", Action: NEEDS[purpose], Resource: resources }] };
  return [
    `ECS needs the RAM role ${roleName ?? DEFAULT_ROLE[purpose]} to ${purpose} images. Create it with this trust policy:`,
    JSON.stringify(trust),
    "and attach a policy that allows at least this:",
    JSON.stringify(permissions),
    "examples/image-roles makes both with @pulumi/alicloud.",
  ].join("\n");
}
