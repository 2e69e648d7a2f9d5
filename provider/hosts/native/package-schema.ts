import { version } from "../../../package.json";
import { argumentsSchema, resourceSchema, type Schema } from "../../fields/schema";
import { providerArguments } from "./configuration";
import { functionArguments, functionResults, PACKAGE, resourceTypes, tokenOf } from "./package";

/** The Pulumi package schema, made of the fields of all resources. `npm run schema` writes it to schema.json beside this file. */
export function packageSchema(): Schema {
  const resources = resourceTypes.map((type) => {
    const about = {
      description: type.summary,
      // A stack that was made with the dynamic provider moves here without anything being rebuilt.
      aliases: [{ type: `pulumi-nodejs:dynamic/${PACKAGE}:${type.type}` }],
    };
    return { token: tokenOf(type.type), ...resourceSchema(type, PACKAGE, about) };
  });
  const provider = argumentsSchema({ type: "Provider", fields: providerArguments }, PACKAGE);
  const lookUp = argumentsSchema({ type: "GetImage", fields: functionArguments }, PACKAGE);
  const image = resourceSchema({ type: "GetImageResult", ...functionResults }, PACKAGE, {});
  const result = { type: "object", properties: image.resource["properties"], required: image.resource["required"] };

  return {
    name: PACKAGE,
    displayName: "Alibaba Cloud custom images",
    version,
    description: "Build, import, copy, share and export custom images on Alibaba Cloud.",
    keywords: ["pulumi", "alicloud", "alibaba-cloud", "ecs", "custom-image", "category/cloud", "kind/native"],
    license: "Apache-2.0",
    meta: { supportPack: true },
    config: { variables: provider.properties },
    provider: {
      description: "An account, a region, and how they are reached.",
      inputProperties: provider.properties,
    },
    types: {
      ...provider.types,
      ...lookUp.types,
      ...image.types,
      ...Object.assign({}, ...resources.map(({ types }) => types)),
      [tokenOf("GetImageResult")]: { description: "An image as the cloud has it.", ...result },
    },
    resources: Object.fromEntries(resources.map(({ token, resource }) => [token, resource])),
    functions: functionsSchema(lookUp.properties, result),
    language,
  };
}

function functionsSchema(properties: unknown, result: object): Schema {
  const found = { $ref: `#/types/${tokenOf("GetImageResult")}` };
  return {
    [tokenOf("getImage")]: {
      description: "The newest image that fits every filter. It is an error if there is none.",
      inputs: { type: "object", properties },
      outputs: result,
    },
    [tokenOf("getImages")]: {
      description: "All images that fit every filter, the newest first.",
      inputs: { type: "object", properties },
      outputs: {
        type: "object",
        properties: { images: { type: "array", items: found, description: "The newest first." } },
        required: ["images"],
      },
    },
  };
}

const language = {
  nodejs: { respectSchemaVersion: true },
  python: { respectSchemaVersion: true, pyproject: { enabled: true } },
  go: {
    respectSchemaVersion: true,
    generateResourceContainerTypes: true,
    importBasePath: "github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go/alicloudimage",
  },
};
