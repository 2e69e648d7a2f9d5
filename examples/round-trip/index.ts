import * as pulumi from "@pulumi/pulumi";
import { ImageExport, ImportedImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// A file becomes an image, and the image a file in another format: nothing is made by hand, and nothing waits for a
// person.
const image = new ImportedImage("image", {
  diskDeviceMappings: [{ ossBucket: config.require("bucket"), ossObject: config.require("object") }],
  description: "Imported to be exported again",
});

const converted = new ImageExport("converted", {
  imageId: image.imageId, // not known before the import has begun: the preview says so
  ossBucket: config.require("exportBucket"),
  ossPrefix: "converted",
  imageFormat: (config.get("format") as "raw" | "qcow2" | undefined) ?? "raw",
  deleteObjects: true,
});

export const imageId = image.imageId;
export const files = converted.objects.apply((objects) => objects.map(({ bucket, key }) => `oss://${bucket}/${key}`));
