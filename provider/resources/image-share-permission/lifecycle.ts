// ImageSharePermission: shares an image, and unshares it from its own accounts only.

import { reactionTo } from "../../ecs/codes";
import { Failure } from "../../failure";
import { isYoung, unlessAbsent } from "../../lifecycle/absence";
import type { Context } from "../../lifecycle/context";
import type { Lifecycle } from "../../lifecycle/lifecycle";
import { changeSharing, sharedWith } from "../images/sharing";
import {
  type ImageSharePermissionArgs,
  type ImageSharePermissionState,
  imageSharePermissionFields,
  imageSharePermissionRules,
} from "./args";

/** The list of accounts may lag behind a change. */
const CONFIRM_FOR_MS = 60_000;
const CONFIRM_PAUSE_MS = 2_000;

const idOf = (imageId: string, regionId: string) => `${regionId}:${imageId}`;
const imageIdIn = (id: string) => id.slice(id.indexOf(":") + 1);

/** Names every argument, so that the compiler reports one that is forgotten. */
const stateOf = (
  imageId: string,
  accountIds: Iterable<string>,
  isPublic: boolean,
  { regionId }: Context,
): Required<ImageSharePermissionState> => ({ imageId, regionId, accountIds: [...accountIds], isPublic });

const isPublished = async (imageId: string, ctx: Context): Promise<boolean> =>
  (await ctx.images.read(imageId))?.IsPublic === true;

/** Whether a recorded publication still exists. A list may lack the image, or show its former state. */
const isStillPublished = (imageId: string, ctx: Context): Promise<boolean> =>
  unlessAbsent(
    () => isPublished(imageId, ctx),
    (seen) => seen,
    `the publication of ${imageId}`,
    ctx,
  );

/**
 * Publishes the image, or ends the publication unless another resource of the program wants it. ECS itself reports what
 * holds already, because a list may lag behind.
 */
async function publish(imageId: string, isPublic: boolean, ctx: Context): Promise<void> {
  const wantsIt = [...ctx.wantedInputs()].some((props) => {
    const {
      imageId: image,
      regionId = ctx.stackRegionId,
      isPublic: wanted,
    } = props as Partial<ImageSharePermissionArgs>;
    return image === imageId && regionId === ctx.regionId && wanted === true;
  });
  if (!isPublic && wantsIt) return;
  try {
    await ctx.ecs("ModifyImageSharePermission", { ImageId: imageId, IsPublic: isPublic });
  } catch (error) {
    const isOver = !isPublic && reactionTo(error) === "gone";
    if (reactionTo(error) !== "alreadyDone" && !isOver) throw error;
  }
}

/**
 * The accounts of this image in any resource of the program. ECS does not tell who shared an image, so a resource must
 * not take an account away from another one, or from the record that replaces it.
 */
function listed(imageId: string, ctx: Context): Set<string> {
  const accounts = [...ctx.wantedInputs()].flatMap((props) => {
    const { imageId: image, regionId = ctx.stackRegionId, accountIds } = props as Partial<ImageSharePermissionArgs>;
    return image === imageId && regionId === ctx.regionId && Array.isArray(accountIds) ? accountIds : [];
  });
  return new Set(accounts);
}

/**
 * Unshares accounts that the program no longer lists. Shares again with one that another resource has listed meanwhile.
 */
async function unshare(imageId: string, accounts: readonly string[], ctx: Context): Promise<void> {
  const kept = listed(imageId, ctx);
  const dropped = accounts.filter((account) => !kept.has(account));
  await changeSharing(imageId, "RemoveAccount", dropped, ctx);
  const wanted = listed(imageId, ctx);
  const back = dropped.filter((account) => wanted.has(account));
  await changeSharing(imageId, "AddAccount", back, ctx);
}

/** The accounts with which an image is shared. Fails if the image does not exist. */
async function sharingOf(
  imageId: string,
  ctx: Context,
  otherwise: "Refused" | "Failed" = "Refused",
): Promise<Set<string>> {
  const present = await sharedWith(imageId, ctx);
  if (!present) throw new Failure(otherwise, `there is no image ${imageId} in ${ctx.regionId}`);
  return present;
}

/** Shares with the missing accounts, and confirms by the list that they are there. */
async function share(imageId: string, accounts: readonly string[], ctx: Context): Promise<void> {
  const untilMs = Math.min(ctx.deadlineMs, ctx.clock.now() + CONFIRM_FOR_MS);
  const missing = async () => {
    const present = await sharingOf(imageId, ctx);
    return accounts.filter((account) => !present.has(account));
  };
  const toAdd = await missing();
  await changeSharing(imageId, "AddAccount", toAdd, ctx);
  for (let left = toAdd; left.length > 0; ) {
    left = await missing();
    if (left.length === 0) return;
    if (ctx.clock.now() + CONFIRM_PAUSE_MS > untilMs) {
      const what = `image ${imageId} is not listed as shared with ${left.join(", ")}`;
      throw new Failure("TimedOut", `${what}. Check that these accounts exist`);
    }
    await ctx.pause(CONFIRM_PAUSE_MS);
  }
}

const accountCount = ({ length }: readonly string[]) => `${length} ${length === 1 ? "account" : "accounts"}`;

const audience = ({ accountIds = [], isPublic }: Partial<ImageSharePermissionArgs>): string => {
  if (!isPublic) return accountCount(accountIds);
  return accountIds.length === 0 ? "everybody" : `everybody and ${accountCount(accountIds)}`;
};

export const imageSharePermission: Lifecycle<ImageSharePermissionArgs, ImageSharePermissionState> = {
  type: "ImageSharePermission",
  fields: imageSharePermissionFields,
  argsRules: imageSharePermissionRules,
  defaultTimeoutMs: 20 * 60_000,
  describe: (args) => `sharing of image ${args.imageId} with ${audience(args)}`,
  phase: () => "ready",
  summary: (have) => `${have.imageId} is shared with ${audience(have)}`,

  // Sharing is idempotent, so there is nothing to take over.
  findLeftover: async () => undefined,
  initialState: () => ({ accountIds: [] }),
  start: async ({ imageId }, ctx) => ({ id: idOf(imageId, ctx.regionId) }),

  async waitUntilReady(id, _args, { accountIds = [], isPublic = false }, ctx) {
    const imageId = imageIdIn(id);
    const accounts = accountIds.length > 0 ? await ours(imageId, accountIds, ctx) : [];
    return stateOf(imageId, accounts, isPublic && (await isStillPublished(imageId, ctx)), ctx);
  },
  duringUpdate: (have, want) => ({
    accountIds: [...new Set([...(have.accountIds ?? []), ...(want.accountIds ?? [])])],
    isPublic: (have.isPublic || want.isPublic) ?? false,
  }),

  async updateInPlace(id, { have, want }, ctx) {
    const imageId = imageIdIn(id);
    const { accountIds = [], isPublic = false } = want;
    const dropped = (have.accountIds ?? []).filter((account) => !accountIds.includes(account));
    // Removes accounts before it adds others, because an image can have at most fifty.
    await unshare(imageId, dropped, ctx);
    await share(imageId, accountIds, ctx);
    if (isPublic !== (have.isPublic ?? false)) await publish(imageId, isPublic, ctx);
    return {};
  },

  async read(id, have, ctx) {
    const imageId = imageIdIn(id);
    const present = await recordedSharing(imageId, have.accountIds ?? [], ctx);
    if (!present) return undefined;
    const accountIds = have.accountIds ? have.accountIds.filter((account) => present.has(account)) : [...present];
    const isImported = have.isPublic === undefined && have.accountIds === undefined; // then it is read as it is
    const isPublic = have.isPublic
      ? await isStillPublished(imageId, ctx)
      : isImported && (await isPublished(imageId, ctx));
    return accountIds.length > 0 || isPublic ? stateOf(imageId, accountIds, isPublic, ctx) : undefined;
  },

  async remove(id, { accountIds = [], isPublic }, ctx) {
    const imageId = imageIdIn(id);
    const present = await recordedSharing(imageId, accountIds, ctx);
    const left = accountIds.filter((account) => present?.has(account));
    await unshare(imageId, left, ctx);
    if (isPublic) await publish(imageId, false, ctx);
  },

  async findExisting(given, { isPublic }, ctx) {
    const imageId = imageIdIn(given);
    const row = await ctx.images.read(imageId);
    const present = row ? await sharedWith(imageId, ctx) : undefined;
    if (!row || !present) return undefined;
    const published = isPublic === true && row.IsPublic === true;
    const alias = row.ImageOwnerAlias ?? "self";
    const refusal =
      alias !== "self"
        ? `image ${imageId} belongs to ${alias}, not to this account: only its owner can share it`
        : present.size === 0 && !published
          ? `image ${imageId} is not shared with any account`
          : undefined;
    return { id: idOf(imageId, ctx.regionId), state: stateOf(imageId, present, published, ctx), refusal };
  },
};

/**
 * The accounts with which the image is shared. The list may lag behind, so missing accounts are searched again, and a
 * sharing that has just started counts as existing: if it were forgotten, it would keep the image from being deleted.
 */
async function recordedSharing(
  imageId: string,
  recorded: readonly string[],
  ctx: Context,
): Promise<Set<string> | undefined> {
  const isNew = isYoung(ctx);
  const isThere = (seen: Set<string> | undefined) =>
    seen !== undefined && (isNew || recorded.every((account) => seen.has(account)));
  const present = await unlessAbsent(() => sharedWith(imageId, ctx), isThere, `the sharing of ${imageId}`, ctx);
  return present && new Set([...present, ...(isNew ? recorded : [])]);
}

/** The recorded accounts that are still there. The diff adds the others again. */
async function ours(imageId: string, recorded: readonly string[], ctx: Context): Promise<string[]> {
  const present = await sharingOf(imageId, ctx, "Failed");
  return recorded.filter((account) => present.has(account));
}
