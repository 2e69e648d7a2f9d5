import * as alicloud from "@pulumi/alicloud";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

/** A role that ECS may assume, and that may do no more than this with one bucket. */
function imageRole(name: string, roleName: string, bucket: string, actions: string[]) {
  const role = new alicloud.ram.Role(name, {
    roleName,
    assumeRolePolicyDocument: JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["ecs.aliyuncs.com"] } }],
    }),
  });
  const policy = new alicloud.ram.Policy(name, {
    policyName: `${roleName}-${bucket}`,
    policyDocument: JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Action: actions, Resource: [`acs:oss:*:*:${bucket}`, `acs:oss:*:*:${bucket}/*`] }],
    }),
  });
  new alicloud.ram.RolePolicyAttachment(name, {
    roleName: role.id,
    policyName: policy.policyName,
    policyType: "Custom",
  });
  return role.arn;
}

export const importRole = imageRole("import", "AliyunECSImageImportDefaultRole", config.require("importBucket"), [
  "oss:GetObject",
  "oss:GetBucketLocation",
  "oss:GetBucketInfo",
]);

export const exportRole = imageRole("export", "AliyunECSImageExportDefaultRole", config.require("exportBucket"), [
  "oss:GetObject",
  "oss:PutObject",
  "oss:DeleteObject",
  "oss:GetBucketLocation",
  "oss:GetBucketInfo",
  "oss:AbortMultipartUpload",
  "oss:ListMultipartUploads",
  "oss:ListParts",
]);
