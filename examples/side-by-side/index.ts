import * as alicloud from "@pulumi/alicloud";
import * as pulumi from "@pulumi/pulumi";
import { CustomImage, ImportedImage } from "pulumi-alicloud-image";

// Both packages read the same configuration: alicloud:region, alicloud:accessKey, ...
const config = new pulumi.Config();
const vswitchId = config.require("vswitchId");
const securityGroupId = config.require("securityGroupId");

// An instance is set up, and becomes an image.
const builder = new alicloud.ecs.Instance("builder", {
  instanceType: "ecs.g7.large",
  imageId: "aliyun_3_x64_20G_alibase_20260101.vhd",
  vswitchId,
  securityGroups: [securityGroupId],
  userData: "#!/bin/sh\nyum install -y nginx && systemctl enable nginx\n",
});
const golden = new CustomImage("golden", { instanceId: builder.id, imageFamily: "web-server", deleteSnapshots: true });

// The image is what new instances start from. Its id changes when the image is replaced, and the template with it.
const template = new alicloud.ecs.EcsLaunchTemplate("web", {
  launchTemplateName: "web",
  imageId: golden.id,
  instanceType: "ecs.g7.large",
  vswitchId,
  securityGroupIds: [securityGroupId],
});

// A file in a bucket becomes an image, under a role that lets ECS read this bucket and nothing else.
const bucket = new alicloud.oss.Bucket("files");
const file = new alicloud.oss.BucketObject("disk", {
  bucket: bucket.id,
  key: "base.qcow2",
  source: config.require("diskImage"),
});
const role = new alicloud.ram.Role("import", {
  roleName: "image-import",
  assumeRolePolicyDocument: JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["ecs.aliyuncs.com"] } }],
  }),
});
const policy = new alicloud.ram.Policy("import", {
  policyName: "image-import",
  policyDocument: pulumi.jsonStringify({
    Version: "1",
    Statement: [
      {
        Effect: "Allow",
        Action: ["oss:GetObject", "oss:GetBucketLocation", "oss:GetBucketInfo"],
        Resource: [pulumi.interpolate`acs:oss:*:*:${bucket.id}`, pulumi.interpolate`acs:oss:*:*:${bucket.id}/*`],
      },
    ],
  }),
});
const attachment = new alicloud.ram.RolePolicyAttachment("import", {
  roleName: role.roleName.apply((name) => name!),
  policyName: policy.policyName,
  policyType: "Custom",
});
const base = new ImportedImage(
  "base",
  {
    diskDeviceMappings: [{ ossBucket: bucket.id, ossObject: file.key }],
    roleName: role.roleName.apply((name) => name!),
    trackSource: true,
  },
  { dependsOn: [attachment] },
);

export const templateId = template.id;
export const imageIds = { golden: golden.id, base: base.id };
