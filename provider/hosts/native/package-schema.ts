import { readFileSync } from "node:fs";
import path from "node:path";
import { apiPage } from "../../fields/doc";
import { argumentsSchema, type ResourceSchema, resourceSchema, type Schema } from "../../fields/schema";
import { VERSION } from "../../release";
import { goldenImageFields, goldenImageOutputs } from "../../resources/golden-image/args";
import { providerArguments } from "./configuration";
import { functionArguments, functionResults, PACKAGE, resourceTypes, tokenOf } from "./package";

const REPOSITORY = "https://github.com/pulumi-alicloud-image/pulumi-alicloud-image";

const metadata = {
  name: PACKAGE,
  displayName: "Alibaba Cloud custom images",
  version: VERSION,
  description: "Build, import, copy, share and export custom images on Alibaba Cloud.",
  keywords: ["pulumi", "alicloud", "alibaba-cloud", "ecs", "custom-image", "category/cloud", "kind/native"],
  homepage: "https://github.com/pulumi-alicloud-image/pulumi-alicloud-image#readme",
  license: "Apache-2.0",
  attribution: "This provider is not made by Pulumi or Alibaba Cloud. It calls the public API of ECS and OSS.",
  repository: REPOSITORY,
  logoUrl: `https://raw.githubusercontent.com/pulumi-alicloud-image/pulumi-alicloud-image/main/docs/logo.png`,
  publisher: "pulumi-alicloud-image",
  // GitHub releases, from which the engine downloads the archives of `npm run plugin`.
  pluginDownloadURL: `github://api.github.com/${REPOSITORY.replace("https://github.com/", "")}`,
  meta: { supportPack: true },
};

/**
 * The Pulumi package schema, made from the fields of all resources. `npm run generate` writes it to schema.json beside
 * this file.
 */
export function packageSchema(): Schema {
  const resources = resourceTypes.map((type) => {
    const about = {
      description: resourceDescription(type),
      // A stack of the dynamic provider can move to this one, and no image is rebuilt.
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
    ...metadata,
    config: { variables: configVariables(provider.properties) },
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
      [tokenOf("CustomImage")]: {
        ...resources[0]!.resource,
        listInputs: { type: "object", properties: lookUp.properties },
      },
      [tokenOf("GoldenImage")]: golden.resource,
    },
    functions: functionsSchema(lookUp.properties, result),
    language,
  };
}

/**
 * In the stack's configuration, an argument that takes one value or a list is described as one object: the generated
 * Java classes do not compile with a choice.
 */
function configVariables(properties: Schema): Schema {
  const variable = ({ oneOf, ...rest }: { oneOf?: readonly Schema[]; type?: string }): Schema =>
    oneOf === undefined || rest.type !== undefined ? { ...rest, ...(oneOf && { oneOf }) } : { ...rest, ...oneOf[0] };
  return Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, variable(property as Schema)]));
}

/** Paragraphs and sections for the Pulumi Registry and for the doc comments of the SDKs. */
function resourceDescription({ type, about, timeoutMinutes, outputs }: (typeof resourceTypes)[number]): string {
  const timeouts =
    `Creating, updating and deleting may each take ${timeoutMinutes} minutes. The resource option \`customTimeouts\` ` +
    "sets others. What takes longer is recorded as unfinished, and the next `pulumi up` goes on waiting.";
  const command = `pulumi import ${tokenOf(type)} name m-bp67acfmxazb4p4abcde`;
  const importing = `An existing image is imported by its id:\n\n\`\`\`sh\n${command}\n\`\`\``;
  return [
    about.doc,
    `${about.args} The API page is ${apiPage(about.action)}.`,
    exampleSection(type),
    `## Timeouts\n\n${timeouts}`,
    ...("imageId" in outputs ? [`## Import\n\n${importing}`] : []),
  ].join("\n\n");
}

/** The examples. `npm run examples` writes their file. */
function exampleSection(type: string): string {
  const folder = type.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const examples = readFileSync(path.join(__dirname, "../../resources", folder, "examples.md"), "utf8");
  return `## Example Usage\n\n<!--Start PulumiCodeChooser -->\n${examples}<!--End PulumiCodeChooser -->`;
}

/**
 * The schema of the component. Its arguments are no outputs. Neither are its resources, except those that depend on no
 * argument: the source and the regions decide which resources there are.
 */
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
    description:
      "One image, a copy in each further region, and all of them shared with other " +
      `accounts.\n\n${exampleSection("GoldenImage")}`,
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
        properties: {
          ids: { type: "array", items: { type: "string" }, description: "The ids, in the order of `images`." },
          images: { type: "array", items: found, description: "The newest first." },
        },
        required: ["ids", "images"],
      },
    },
  };
}

/** The published names of the SDKs, and their dependencies. */
const language = {
  nodejs: {
    packageName: "@pulumi-alicloud-image/alicloud-image",
    respectSchemaVersion: true,
    dependencies: { "@pulumi/pulumi": "^3.216.0" },
    typescriptVersion: "^5.9.0",
  },
  python: {
    respectSchemaVersion: true,
    pyproject: { enabled: true },
    requires: { pulumi: ">=3.216.0,<4.0.0" },
  },
  go: {
    respectSchemaVersion: true,
    generateResourceContainerTypes: true,
    importBasePath: "github.com/pulumi-alicloud-image/pulumi-alicloud-image/sdk/go/alicloudimage",
  },
  csharp: {
    respectSchemaVersion: true,
    rootNamespace: "PulumiAlicloudImage",
    namespaces: { "alicloud-image": "AlicloudImage" },
    packageReferences: { Pulumi: "3.*" },
  },
  java: {
    basePackage: "io.github.pulumialicloudimage",
    dependencies: { "com.pulumi:pulumi": "1.16.0" },
  },
};
