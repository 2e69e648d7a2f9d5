import * as alicloud from "@pulumi/alicloud";
import * as pulumi from "@pulumi/pulumi";
import { getImage, getImageOutput } from "pulumi-alicloud-image";

const config = new pulumi.Config();
const vswitchId = config.require("vswitchId");
const securityGroupId = config.require("securityGroupId");

// The newest image of a family that another stack builds. Both packages read the same configuration: alicloud:region,
// ...
const newest = getImageOutput({ imageFamily: config.get("family") ?? "web-server" });

// Every `pulumi up` after a new image makes a new version of the template.
const template = new alicloud.ecs.EcsLaunchTemplate("web", {
  launchTemplateName: "web",
  imageId: newest.imageId,
  instanceType: "ecs.g7.large",
  vswitchId,
  securityGroupIds: [securityGroupId],
});

export = async () => {
  // A public image, by the pattern of its name.
  const base = await getImage({ owners: ["system"], nameRegex: "^aliyun_3_x64_20G_alibase_\\d+\\.vhd$" });
  const jump = new alicloud.ecs.Instance("jump", {
    instanceType: "ecs.g7.large",
    imageId: base.imageId,
    vswitchId,
    securityGroups: [securityGroupId],
  });
  return { templateId: template.id, jumpId: jump.id, imageId: newest.imageId, createdAt: newest.creationTime };
};
