import { Failure, isFailure } from "../../failure";

/** What ECS must be allowed to do with a bucket, according to the pages of ImportImage and ExportImage. */
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

/** Older pages spell "account" with one c. Both codes occur. */
const ROLE_CODES = ["NoSetRoletoECSServiceAccount", "NoSetRoletoECSServiceAcount", "InvalidOSS.NotAuthorized"];

/**
 * Sends a call in which ECS uses a bucket with a RAM role of the account. ECS may not know a role that was created a
 * minute ago, so the client repeats the call for three minutes. If that fails, the error names the role and the two
 * policies that it needs for exactly these buckets. Roles are never changed here.
 */
export async function withServiceRole<T>(
  purpose: keyof typeof NEEDS,
  roleName: string | undefined,
  buckets: readonly string[],
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isFailure(error) || !ROLE_CODES.includes(error.detail.code ?? "")) throw error;
    throw new Failure(error.kind, `${error.message}\n${roleAdvice(purpose, roleName, buckets)}`, error.detail);
  }
}

function roleAdvice(purpose: keyof typeof NEEDS, roleName: string | undefined, buckets: readonly string[]): string {
  const trust = {
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["ecs.aliyuncs.com"] } }],
  };
  const resources = [...new Set(buckets)].flatMap((bucket) => [`acs:oss:*:*:${bucket}`, `acs:oss:*:*:${bucket}/*`]);
  const permissions = { Version: "1", Statement: [{ Effect: "Allow", Action: NEEDS[purpose], Resource: resources }] };
  return [
    `ECS needs the RAM role ${roleName ?? DEFAULT_ROLE[purpose]} to ${purpose} images. Create it with this ` +
      "trust policy:",
    JSON.stringify(trust),
    "and attach a policy that allows at least this:",
    JSON.stringify(permissions),
    "examples/image-roles creates both with @pulumi/alicloud.",
  ].join("\n");
}
