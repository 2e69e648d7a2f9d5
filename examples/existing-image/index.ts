import * as pulumi from "@pulumi/pulumi";
import { CustomImage } from "pulumi-alicloud-image";

const config = new pulumi.Config();

// The image was made by hand, by a script or by another tool: pulumi config set imageId m-...
// The first `pulumi up` takes it over as it is. Arguments that differ from it are an error that lists each of them, and
// nothing is changed. After that, remove the option: the image is like any other of the stack, and `--replace` builds
// another one.
const base = new CustomImage(
  "base",
  {
    // What it was made from: pulumi config set snapshotId s-...
    snapshotId: config.require("snapshotId"),
    imageName: config.require("imageName"),
  },
  // A destroy deletes what was adopted, unless the resource is retained. Others may use this image.
  { import: config.require("imageId"), retainOnDelete: true },
);

export const imageId = base.imageId;
export const status = base.status;
