import type { ArgsRule } from "../../fields/check";
import type { Fields, OutputFields } from "../../fields/fields";
import { identifier, listOf, pattern, region } from "../../fields/rules";
import { isUnknown } from "../../fields/unknown";

export interface ImageSharePermissionArgs {
  readonly imageId: string;
  readonly regionId?: string;
  readonly accountIds: readonly string[];
}

export type ImageSharePermissionState = ImageSharePermissionArgs;

const accountsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export const account = pattern("a string with the id of an Alibaba Cloud account, up to 20 digits", /^\d{1,20}$/);

export const imageSharePermissionFields: Fields<ImageSharePermissionArgs> = {
  imageId: {
    accepts: identifier("an image"),
    required: true,
    change: "replace",
    summary: "The image to share. It must be Available.",
  },
  regionId: {
    accepts: region,
    change: "replace",
    summary: "The region of the image. Left out: the stack's.",
  },
  accountIds: {
    accepts: listOf(account, 1, 50),
    required: true,
    change: "update",
    same: (have, want) => {
      const [a, b] = [new Set(accountsOf(have)), new Set(accountsOf(want))];
      return a.size === b.size && [...a].every((id) => b.has(id));
    },
    summary: "The accounts, 1 to 50. Accounts that others added are left alone.",
  },
};

export const imageSharePermissionOutputs: OutputFields<ImageSharePermissionState, ImageSharePermissionArgs> = {};

const accountsDiffer: ArgsRule<ImageSharePermissionArgs> = ({ accountIds }) => {
  const accounts = accountsOf(accountIds);
  return accounts.flatMap((account, i) =>
    !isUnknown(account) && accounts.indexOf(account) < i
      ? [{ property: `accountIds[${i}]`, reason: `accountIds[${i}] repeats accountIds[${accounts.indexOf(account)}]` }]
      : [],
  );
};

export const imageSharePermissionRules = [accountsDiffer];
