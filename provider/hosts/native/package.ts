// The contents of the native provider: resource types, functions and lists.

import type { ResourceDoc } from "../../fields/doc";
import type { OutputField, OutputFields } from "../../fields/fields";
import type { DescribedField } from "../../fields/schema";
import type { Lifecycle } from "../../lifecycle/lifecycle";
import { runnerFor } from "../../lifecycle/runner";
import type { Session } from "../../lifecycle/session";
import { lookUpFields } from "../../lookups/arguments";
import { type LookUpOptions, lookUpImage, lookUpImages } from "../../lookups/images";
import type { GetImageResult } from "../../lookups/result";
import { customImageDoc, customImageOutputs } from "../../resources/custom-image/args";
import { customImage } from "../../resources/custom-image/lifecycle";
import { imageCopyDoc, imageCopyOutputs } from "../../resources/image-copy/args";
import { imageCopy } from "../../resources/image-copy/lifecycle";
import { imageExportDoc, imageExportOutputs } from "../../resources/image-export/args";
import { imageExport } from "../../resources/image-export/lifecycle";
import { imageSharePermissionDoc, imageSharePermissionOutputs } from "../../resources/image-share-permission/args";
import { imageSharePermission } from "../../resources/image-share-permission/lifecycle";
import { importedImageDoc, importedImageOutputs } from "../../resources/imported-image/args";
import { importedImage } from "../../resources/imported-image/lifecycle";
import type { Lister } from "./list";
import { previewOf } from "./preview";
import type { Resource } from "./resources";
import type { Props } from "./values";

export const PACKAGE = "alicloud-image";
export const tokenOf = (name: string): string => `${PACKAGE}:index:${name}`;

/** A resource type: its description in the schema, and what serves it. */
interface ResourceType {
  readonly type: string;
  readonly about: ResourceDoc;
  /** The default time limit of creating, updating and deleting. */
  readonly timeoutMinutes: number;
  readonly fields: Readonly<Record<string, DescribedField>>;
  readonly outputs: Readonly<Record<string, OutputField>>;
  open(session: Session): ServedType;
}

/** What serves a resource type in one configuration. */
type ServedType = Omit<Resource, "signal">;

function resourceType<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  outputs: OutputFields<State, Args>,
  about: ResourceDoc,
): ResourceType {
  return {
    type: life.type,
    about,
    timeoutMinutes: life.defaultTimeoutMs / 60_000,
    fields: life.fields,
    outputs,
    open: (session) => ({
      runner: runnerFor(life, session),
      preview: previewOf(life.fields, outputs, () => session.defaultRegion()),
      fields: life.fields,
    }),
  };
}

export const resourceTypes: readonly ResourceType[] = [
  resourceType(customImage, customImageOutputs, customImageDoc),
  resourceType(importedImage, importedImageOutputs, importedImageDoc),
  resourceType(imageExport, imageExportOutputs, imageExportDoc),
  resourceType(imageCopy, imageCopyOutputs, imageCopyDoc),
  resourceType(imageSharePermission, imageSharePermissionOutputs, imageSharePermissionDoc),
];

const opened = new WeakMap<Session, Map<string, ServedType>>();

export function resourceOf(token: string, session: Session): ServedType | undefined {
  const type = resourceTypes.find(({ type: name }) => tokenOf(name) === token);
  if (!type) return undefined;
  const known = opened.get(session) ?? new Map();
  opened.set(session, known);
  if (!known.has(token)) known.set(token, type.open(session));
  return known.get(token);
}

/** Functions return objects, so a list is a property of one. */
const functions: Readonly<Record<string, (args: Props, session: Session, options: LookUpOptions) => Promise<Props>>> = {
  [tokenOf("getImage")]: async (args, session, options) => ({ ...(await lookUpImage(args, session, options)) }),
  [tokenOf("getImages")]: async (args, session, options) => {
    const images = await lookUpImages(args, session, options);
    return { ids: images.map(({ imageId }) => imageId), images };
  },
};

/**
 * Lists what can be imported as this type. ECS does not tell whether an image was created, imported or copied, so all
 * of the account's images are listed as `CustomImage`. The query takes the filters of the look-ups.
 */
export const listerOf = (token: string, session: Session): Lister | undefined =>
  token === tokenOf("CustomImage")
    ? async (query) =>
        (await lookUpImages(query, session)).map(({ imageId, imageName }) => ({ id: imageId, name: imageName }))
    : undefined;

export const functionOf = (token: string) => functions[token];
export const functionArguments = lookUpFields;

/** What a function returns of an image: the arguments and outputs of `CustomImage` that every image has. */
const ofImages = pick([
  "imageId",
  "imageName",
  "imageFamily",
  "imageVersion",
  "description",
  "regionId",
  "architecture",
  "platform",
  "osType",
  "osName",
  "status",
  "deprecated",
  "progress",
  "usable",
  "creationTime",
  "size",
  "bootMode",
  "licenseType",
  "features",
  "resourceGroupId",
  "tags",
  "diskDeviceMappings",
] satisfies (keyof GetImageResult)[]);

export const functionResults = {
  ...ofImages,
  outputs: {
    ...ofImages.outputs,
    ownerId: { type: { type: "string" }, optional: true, doc: "The account that owns it, where ECS says so." },
    isPublic: { type: { type: "boolean" }, doc: "Whether it is published as a community image." },
    usage: {
      type: { type: "string" },
      optional: true,
      doc: "`instance`: ECS instances use it; `none`: none does.",
    },
  } satisfies Readonly<Record<string, OutputField>>,
};

function pick(keys: readonly string[]): Pick<ResourceType, "fields" | "outputs"> {
  const { fields, outputs } = resourceTypes[0]!;
  const only = <T>(table: Readonly<Record<string, T>>) =>
    Object.fromEntries(keys.flatMap((key) => (table[key] === undefined ? [] : [[key, table[key]]])));
  return { fields: only(fields), outputs: only(outputs) };
}
