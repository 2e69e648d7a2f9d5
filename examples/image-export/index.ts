import * as pulumi from "@pulumi/pulumi";
import { ImageExport } from "pulumi-alicloud-image";

const config = new pulumi.Config();

const archive = new ImageExport("archive", {
  imageId: config.require("imageId"),
  ossBucket: config.require("bucket"),
  ossPrefix: "archive",
  deleteObjects: true, // the files live as long as this resource
});

export const files = archive.objects.apply((objects) =>
  objects.map(({ bucket, key, size }) => `oss://${bucket}/${key} (${size} bytes)`),
);
