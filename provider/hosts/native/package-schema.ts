import { version } from "../../../package.json";
import { apiPage } from "../../fields/doc";
import { argumentsSchema, type ResourceSchema, resourceSchema, type Schema } from "../../fields/schema";
import { goldenImageFields, goldenImageOutputs } from "../../resources/golden-image/args";
import { providerArguments } from "./configuration";
import { functionArguments, functionResults, PACKAGE, resourceTypes, tokenOf } from "./package";

/** The Pulumi package schema, made of the fields of all resources. `npm run generate` writes it to schema.json beside this file. */
export function packageSchema(): Schema {
  const resources = resourceTypes.map((type) => {
    const about = {
      description: resourceDescription(type),
      // A stack that was made with the dynamic provider moves here without anything being rebuilt.
      aliases: [{ type: `pulumi-nodejs:dynamic/${PACKAGE}:${type.type}` }],
    };
    return { token: tokenOf(type.type), ...resourceSchema({ ...type, ...type.about }, PACKAGE, about) };
  });
  const provider = argumentsSchema({ type: "Provider", fields: providerArguments }, PACKAGE);
  const lookUp = argumentsSchema({ type: "GetImage", fields: functionArguments }, PACKAGE);
  const image = resourceSchema({ type: "GetImageResult", replacing: "", ...functionResults }, PACKAGE, {});
  const result = { type: "object", properties: image.resource["properties"], required: image.resource["required"] };

  const golden = goldenImageSchema();

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
      ...golden.types,
      [tokenOf("GetImageResult")]: { description: "An image as the cloud has it.", ...result },
    },
    resources: {
      ...Object.fromEntries(resources.map(({ token, resource }) => [token, resource])),
      [tokenOf("GoldenImage")]: golden.resource,
    },
    functions: functionsSchema(lookUp.properties, result),
    language,
  };
}

const resourceDescription = ({ about }: (typeof resourceTypes)[number]): string =>
  `${about.doc}\n\n${about.args} The API page is ${apiPage(about.action)}.`;

/** A component: the arguments are no outputs. The source and the regions decide which resources there are, so they are no outputs either. */
function goldenImageSchema(): ResourceSchema {
  const described = {
    type: "GoldenImage",
    replacing: "A change replaces the image and its copies.",
    fields: goldenImageFields,
    outputs: goldenImageOutputs,
  };
  const { resource, types } = resourceSchema(described, PACKAGE, {});
  const { inputProperties, properties } = resource as Record<string, Record<string, object>>;
  const plain = (key: string) => ({ ...inputProperties![key], plain: true });
  const list = (type: string, description: string) => ({
    type: "array",
    items: { $ref: `#/resources/${tokenOf(type)}` },
    description,
  });
  const own = Object.keys(goldenImageOutputs).map((key) => [key, properties![key]]);
  const component = {
    isComponent: true,
    description: "One image, a copy in each further region, and all of them shared with other accounts.",
    inputProperties: {
      ...inputProperties,
      source: plain("source"),
      regions: { ...plain("regions"), items: { type: "string", plain: true } },
    },
    requiredInputs: ["source"],
    properties: {
      ...Object.fromEntries(own),
      image: {
        $ref: "pulumi.json#/Any",
        description: "The image in the provider's region: a CustomImage or an ImportedImage.",
      },
      copies: list("ImageCopy", "The copies, in the order of `regions`."),
      shares: list(
        "ImageSharePermission",
        "The permissions: of the image, then of each copy. Empty without `shareWith`.",
      ),
    },
    required: ["imageId", "imageIds", "image", "copies", "shares"],
  };
  return { resource: component, types };
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
