import type { ArgsRule } from "../../fields/check";
import type { ResourceDoc } from "../../fields/doc";
import type { Fields, OutputFields } from "../../fields/fields";
import { flag, identifier, listOf, pattern, region } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";
import { REGION_LEFT_OUT } from "../images/args";

export interface ImageSharePermissionArgs {
  readonly imageId: string;
  readonly regionId?: string;
  readonly accountIds?: readonly string[];
  readonly isPublic?: boolean;
}

export type ImageSharePermissionState = ImageSharePermissionArgs;

const accountsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export const account = pattern("a string with the id of an Alibaba Cloud account, up to 20 digits", /^\d{1,20}$/);

export const imageSharePermissionFields: Fields<ImageSharePermissionArgs> = {
  imageId: {
    accepts: identifier("an image"),
    required: true,
    change: "replace",
    doc: "The custom image to share, which must be neither Creating nor Deprecated.",
    changing: "A change replaces the permission: the new image is shared before the old one is unshared.",
    output: "The shared image.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    doc: "The region of the image.",
    whenLeftOut: REGION_LEFT_OUT,
    output: "The region of the image.",
    always: true,
  },
  accountIds: {
    accepts: listOf(account, 1, 50),
    change: "update",
    default: [],
    same: (have, want) => {
      const [a, b] = [new Set(accountsOf(have)), new Set(accountsOf(want))];
      return a.size === b.size && [...a].every((id) => b.has(id));
    },
    doc:
      "The ids of the accounts. Accounts that others added stay as they are. List an account of an image in one " +
      "stack only: ECS does not record who shared the image, so the stack that drops the account unshares it.",
    changing: "They change in place.",
    errors: ["InvalidAccount.NotFound", "QuotaExceed.ShareImage", "OperationDenied.InvalidImageStatus"],
    output: "The accounts of this resource with which the image is shared.",
  },
  isPublic: {
    accepts: flag,
    change: "update",
    default: false,
    doc:
      "Whether to publish the image as a community image, which every account can use. `accountIds` may then be left " +
      "out. Deleting the resource ends the publication.",
    errors: ["CurrentRegion.NotSupportPublicImage", "OperationDeined.EncryptedSnapshot"],
    output: "Whether this resource has published the image.",
  },
};

export const imageSharePermissionOutputs: OutputFields<ImageSharePermissionState, ImageSharePermissionArgs> = {};

export const imageSharePermissionDoc: ResourceDoc = {
  doc:
    "The accounts with which a custom image is shared (ECS ModifyImageSharePermission). Deleting the resource " +
    "unshares the image from its own accounts only.",
  args: "Which image an `ImageSharePermission` shares, and with whom.",
  action: "ModifyImageSharePermission",
  replacing: "A change replaces the permission.",
  example: `new ImageSharePermission("golden", { imageId: golden.id, accountIds: ["2222222222222222"] });`,
};

const accountsDiffer: ArgsRule<ImageSharePermissionArgs> = ({ accountIds }) => {
  const accounts = accountsOf(accountIds);
  return accounts.flatMap((account, i) =>
    !isUnknown(account) && accounts.indexOf(account) < i
      ? [{ property: `accountIds[${i}]`, reason: `accountIds[${i}] repeats accountIds[${accounts.indexOf(account)}]` }]
      : [],
  );
};

const sharedWithSomebody: ArgsRule<ImageSharePermissionArgs> = ({ accountIds, isPublic }) =>
  accountIds === undefined && isPublic !== true && !isUnknown(isPublic)
    ? [
        {
          property: "accountIds",
          reason: "accountIds is missing: name the accounts, or publish the image with isPublic",
        },
      ]
    : [];

export const imageSharePermissionRules = [accountsDiffer, sharedWithSomebody];
