import * as pulumi from "@pulumi/pulumi";
import { ImportedImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// A disk that a build job uploads under the same key each time: when the file is another one, the image is replaced.
const base = new ImportedImage("base", {
  diskDeviceMappings: [{ ossBucket: config.require("bucket"), ossObject: config.require("object") }],
  trackSource: true,
  osType: "linux",
  platform: "Others Linux",
  imageFamily: "base",
  tags: { source: pulumi.interpolate`oss://${config.require("bucket")}` },
});

export const imageId = base.imageId;
export const sourceETags = base.sourceETags;
