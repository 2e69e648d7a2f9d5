import * as pulumi from "@pulumi/pulumi";
import { GoldenImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// The image is in its family, and shared, once an instance of it has run the command with exit code 0.
const golden = new GoldenImage("web", {
  source: { instanceId: config.require("instanceId") },
  imageFamily: "web-server",
  // With --path, Pulumi reads what looks like a number as one.
  shareWith: (config.getObject<(string | number)[]>("accounts") ?? []).map(String),
  triggers: [config.get("build") ?? "first"],
  deleteSnapshots: true,
  test: {
    command: config.get("command") ?? "systemctl is-system-running --wait",
    vSwitchId: config.require("vSwitchId"),
    securityGroupId: config.require("securityGroupId"),
    timeout: "10m",
  },
});

export const imageId = golden.imageId;
export const testResult = golden.image.testResult;
