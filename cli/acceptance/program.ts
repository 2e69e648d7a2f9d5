/**
 * The program of every scene. It declares the resources in scene.json, with the dynamic or the native provider. `{
 * "idOf": "golden" }` stands for the id of a resource that was declared before.
 */
export const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const { host, resources, lookUp } = require("./scene.json");
const ours = require("pulumi-alicloud-image");

class Native extends pulumi.CustomResource {
  constructor(type, name, args, options) {
    super("alicloud-image:index:" + type, name, args, options);
  }
}

const made = {};
const valued = (value) =>
  Array.isArray(value) ? value.map(valued)
  : value === null || typeof value !== "object" ? value
  : value.idOf !== undefined ? made[value.idOf].id
  : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, valued(inner)]));

for (const { name, type, resourceName, args, options } of resources)
  made[name] =
    host === "native"
      ? new Native(type, resourceName, valued(args), options)
      : new ours[type](resourceName, valued(args), options);

if (lookUp)
  exports.found =
    host === "native"
      ? pulumi.runtime.invoke("alicloud-image:index:getImage", lookUp).then((image) => image.imageId)
      : ours.getImage(lookUp).then((image) => image.imageId);
`;
