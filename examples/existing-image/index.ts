import * as pulumi from "@pulumi/pulumi";
import { CustomImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// The image was created by hand, by a script or by another tool: pulumi config set imageId m-...
// The first `pulumi up` adopts it as it is. If arguments that replace differ from it, `up` fails, lists each of them,
// and changes nothing. After that, remove the option: the image is like any other of the stack, and `--replace` builds
// a new one.
const base = new CustomImage(
  "base",
  {
    // The snapshot that it was made from: pulumi config set snapshotId s-...
    snapshotId: config.require("snapshotId"),
    imageName: config.require("imageName"),
  },
  // A destroy deletes an adopted image, unless the resource is retained. Others may use this image.
  { import: config.require("imageId"), retainOnDelete: true },
);

export const imageId = base.imageId;
export const status = base.status;
