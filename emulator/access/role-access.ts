import { refusal } from "../request/api-error";
import type { Permission } from "../request/emulation";
import type { BucketRecord, RamPolicy, World } from "../world/world";
import { isAllowed } from "./ram";

/** The permissions that the pages of ImportImage and ExportImage require of a role. */
const BUCKET_ACTIONS = {
  import: ["oss:GetBucketLocation", "oss:GetBucketInfo"],
  export: ["oss:GetBucketLocation", "oss:GetBucketInfo", "oss:ListMultipartUploads"],
};
const OBJECT_ACTIONS = {
  import: ["oss:GetObject"],
  export: ["oss:GetObject", "oss:PutObject", "oss:DeleteObject", "oss:AbortMultipartUpload", "oss:ListParts"],
};

type Purpose = keyof typeof BUCKET_ACTIONS;

/** What ECS needs to do with objects, and with which role. */
interface Access {
  readonly purpose: Purpose;
  readonly roleName: string;
  readonly bucket: string;
  readonly keys: readonly string[];
}

/** Refuses the request unless ECS may do this to the objects with this role. */
export function requireAccess(world: World, nowMs: number, { purpose, roleName, bucket, keys }: Access): void {
  const role = world.roles.get(roleName);
  // A role takes effect some time after its creation.
  if (!role?.services.includes("ecs.aliyuncs.com") || nowMs < (role.countsFromMs ?? 0))
    throw refusal("NoSetRoletoECSServiceAcount");
  const policy: RamPolicy = { Version: "1", Statement: role.policies.flatMap(({ Statement }) => Statement) };
  const allowing: RamPolicy = { Version: "1", Statement: policy.Statement.filter(({ Effect }) => Effect === "Allow") };
  const needed: Permission[] = [
    ...BUCKET_ACTIONS[purpose].map((action) => ({ action, resource: `acs:oss:*:*:${bucket}` })),
    ...keys.flatMap((key) =>
      OBJECT_ACTIONS[purpose].map((action) => ({ action, resource: `acs:oss:*:*:${bucket}/${key}` })),
    ),
  ];
  for (const permission of needed) {
    if (isAllowed(policy, permission)) continue;
    // If an Allow is overridden by a Deny, no role is missing.
    throw refusal(isAllowed(allowing, permission) ? "InvalidOSS.NotAuthorized" : "NoSetRoletoECSServiceAcount");
  }
}

/** The bucket with that name, which must be in the image's region. */
export function bucketIn(world: World, name: string, regionId: string): BucketRecord {
  const bucket = world.buckets.get(name);
  if (!bucket) throw refusal("InvalidOSSBucket.NotFound");
  if (bucket.regionId !== regionId)
    throw refusal("InvalidOSSBucket.NotMatched", `the bucket is in ${bucket.regionId} and the image in ${regionId}`);
  if (bucket.encrypted) throw refusal("InvalidOSSBucket.EncryptUnsupported");
  return bucket;
}
