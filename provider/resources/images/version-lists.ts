// Finds the kept versions of a resource.

import type { ImageRow } from "../../ecs/actions";
import { unlessAbsent, untilSeen } from "../../lifecycle/absence";
import type { Context } from "../../lifecycle/context";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  ownerIn,
  PENDING_TAG,
  pendingIn,
  pendingValue,
  tagsIn,
} from "../../lifecycle/ownership";
import type { Version } from "./args";
import { areTagged } from "./snapshots";

/** A kept version, with the context of its region. */
export interface Kept {
  readonly id: string;
  readonly row: ImageRow;
  readonly ctx: Context;
}

/** What is known beforehand of the versions of a resource. */
export interface Known {
  /** An image of the resource that a list of the present region must show. */
  readonly witness: string | undefined;
  /** The versions that a record lists. */
  readonly recorded: readonly Version[] | undefined;
}

export const newestFirst = (a: ImageRow, b: ImageRow) => ((a.CreationTime ?? "") < (b.CreationTime ?? "") ? 1 : -1);

/**
 * The kept versions of these owners in every region where the resource was, the newest first. The lists are shared by
 * the whole run. A list may lack for some time what was just kept, or show it without its tags: so what a record lists
 * is asked for by its id, and is no version only when it has been missing for as long as absence takes.
 */
export async function versionsOf(owners: readonly Owner[], known: Known, ctx: Context): Promise<Kept[]> {
  const contexts = [ctx, ...regionsBefore(ctx).map(ctx.inRegion)];
  const lists = await Promise.all(
    contexts.map(async (one) => {
      const rows = await (one === ctx ? one.pending.ownedImages(known.witness) : one.pending.allImages());
      return rows.map((row): Kept => ({ id: row.ImageId!, row, ctx: one }));
    }),
  );
  const listed = lists.flat().filter(({ row }) => owners.some((owner) => isVersionOf(row, owner)));
  const missing = (known.recorded ?? []).map(({ imageId }) => imageId).filter((id) => !isKnown(id, listed, contexts));
  const found = missing.length > 0 ? await unlisted(missing, owners, contexts) : [];
  return [...listed, ...found].sort((a, b) => newestFirst(a.row, b.row));
}

const regionsBefore = ({ lineage, regionId }: Context): readonly string[] =>
  (lineage?.regions ?? []).filter((region) => region !== regionId);

/** It is listed as a version, or this run has shown what else it is. */
const isKnown = (id: string, listed: readonly Kept[], contexts: readonly Context[]): boolean =>
  listed.some((version) => version.id === id) ||
  contexts.some(({ pending }) => pending.isShown(id) || pending.isRemoved(id) || pending.isNoVersion(id));

/** Those of the recorded versions that exist, although no list shows them as versions yet. */
async function unlisted(
  ids: readonly string[],
  owners: readonly Owner[],
  contexts: readonly Context[],
): Promise<readonly Kept[]> {
  const found = new Map<string, Kept>();
  const look = async (id: string, one: Context) => {
    const row = await one.images.read(id);
    if (row && owners.some((owner) => isVersionOf(row, owner))) found.set(id, { id, row, ctx: one });
    return row !== undefined;
  };
  const isOpen = (id: string) => !found.has(id) && !isKnown(id, [], contexts);
  const ctx = contexts[0]!;
  const what = `${ids.join(", ")}, recorded as ${ids.length === 1 ? "a version" : "versions"},`;
  const there = await unlessAbsent(
    async () => {
      const open = ids.filter(isOpen);
      const seen = await Promise.all(open.flatMap((id) => contexts.map((one) => look(id, one).then((is) => is && id))));
      return seen.filter((id) => id !== false);
    },
    () => !ids.some(isOpen),
    what,
    ctx,
  );
  const others = ids.filter(isOpen);
  for (const id of others) ctx.pending.noVersion(id);
  warnOfStrangers(
    others.filter((id) => there.includes(id)),
    ctx,
  );
  return [...found.values()];
}

/** Names what the record lists as versions and nothing in the cloud says is one, unless its own record deletes it. */
function warnOfStrangers(ids: readonly string[], ctx: Context): void {
  ctx.pending.atEnd(() => {
    const left = ids.filter((id) => !ctx.pending.isRemoved(id) && !ctx.pending.isShown(id));
    if (left.length === 0) return;
    const listed = left.length === 1 ? "it as a previous version" : "them as previous versions";
    ctx.warn(
      `kept ${left.join(", ")}: the state lists ${listed}, ` +
        "but the tags of a version are not there. Delete what you no longer need: npx pulumi-alicloud-image orphans",
    );
  });
}

/** Format 2 of the owner tag has no lineage; there the URN decides. Another resource may have the URN by now. */
export function isVersionOf(row: ImageRow, owner: Owner): boolean {
  const tags = tagsIn(row);
  const found = ownerIn(tags.get(OWNER_TAG));
  if (!found || pendingIn(tags.get(PENDING_TAG)) !== "version") return false;
  return found.lineage === undefined ? isSameResource(found, owner) : found.lineage === owner.lineage;
}

/** What the pending tag of a version of this owner says. */
export const versionValue = ({ lineage, stack }: Owner): string => pendingValue("version", lineage ?? stack);

/**
 * Waits until a filter by tags finds an image as a version, and the snapshots that it made: a record that was written
 * before the image became one need not list it, and then nothing else finds them.
 */
export const untilListed = (
  { id, made }: { readonly id: string; readonly made: readonly string[] },
  owner: Owner,
  ctx: Context,
): Promise<void> =>
  untilSeen(
    async () => {
      const [row, isTagged] = await Promise.all([ctx.imagesByTag.read(id), areTagged(id, made, ctx)]);
      return row !== undefined && isVersionOf(row, owner) && isTagged;
    },
    `${id} as a previous version${made.length > 0 ? ", and its snapshots" : ""}`,
    ctx,
  );
