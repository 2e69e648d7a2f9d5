import * as pulumi from "@pulumi/pulumi";
import { GoldenImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// pulumi config set instanceId i-...
// pulumi config set --path 'regions[0]' cn-beijing
// pulumi config set --path 'accounts[0]' 2222222222222222
// pulumi config set build 2026-11, to rebuild from the same instance
const golden = new GoldenImage("web", {
  source: { instanceId: config.require("instanceId") },
  regions: config.getObject<string[]>("regions") ?? [],
  // With --path, Pulumi reads what looks like a number as one.
  shareWith: (config.getObject<(string | number)[]>("accounts") ?? []).map(String),
  // Replaced images stay as deprecated versions, so that yesterday's instances can be started again.
  keepVersions: 3,
  triggers: [config.get("build") ?? "first"],
  imageFamily: "web-server",
  description: "Web server, patched and ready to serve",
  tags: { team: "platform" },
  deleteSnapshots: true,
});

export const imageId = golden.imageId;
export const imageIds = golden.imageIds;
