import * as pulumi from "@pulumi/pulumi";
import { CustomImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// An instance that is configured like every web server: pulumi config set instanceId i-...
const golden = new CustomImage("golden", {
  instanceId: config.require("instanceId"),
  imageFamily: "web-server",
  description: config.get("description") ?? "Web server, patched and ready to serve",
  tags: { team: "platform", stack: pulumi.getStack() },
  deleteSnapshots: true,
});

export const imageId = golden.imageId;
export const imageName = golden.imageName;
export const status = golden.status;
