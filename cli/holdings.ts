import type { ImageRow, InstanceRow, SnapshotRow } from "../provider/ecs/actions";
import { reactionTo } from "../provider/ecs/codes";
import type { Context } from "../provider/lifecycle/context";
import { OWNER_TAG, ownerIn, TEST_TAG, tagsIn } from "../provider/lifecycle/ownership";
import type { Session } from "../provider/lifecycle/session";
import { exportsIn } from "./exports";
import { completeList, ownImages, snapshotsOf, tasksOf } from "./lists";
import type { Holdings } from "./model";
import { diskSnapshots, isOurs } from "./orphan";
import type { StackState } from "./stack-state";

const QUERY_TIMEOUT_MS = 5 * 60_000;
/** A filter by tags finds at most this many; a list without one is complete. */
const MOST_BY_TAG = 1_000;

/** Asks one region for everything that may be the stack's. Fails if an answer is incomplete. */
export async function holdingsIn(
  regionId: string,
  state: StackState,
  session: Session,
  say: (line: string) => void,
): Promise<Holdings> {
  const doing = `looking for orphans in ${regionId}`;
  const ctx = session.contextFor({ urn: "", doing, regionId, timeoutMs: QUERY_TIMEOUT_MS });
  const images = await taggedImagesIn(ctx, say);
  const unknown = images.filter(
    (row) => isOurs(ownerIn(tagsIn(row).get(OWNER_TAG)), state) && !state.known.has(row.ImageId!),
  );
  const [instances, owned, ofDisks, tasks, began] = await Promise.all([
    testInstancesIn(ctx, say),
    tagged("snapshots", (byTag) => snapshotsIn(byTag, ctx), ctx, say),
    snapshotsOf(unknown.flatMap(diskSnapshots), ctx),
    tasksOf(
      unknown.map(({ ImageId }) => ImageId!),
      ctx,
    ),
    exportsIn(images, state, ctx),
  ]);
  const snapshots = new Map([...ofDisks, ...owned].map((row) => [row.SnapshotId, row]));
  return { regionId, images, instances, snapshots: [...snapshots.values()], tasks, exports: began };
}

type ByTag = { readonly Tag?: { readonly Key: string }[] };

/**
 * All rows with the owner tag. Filters by the tag; if that reaches the limit of a filter, reads everything in the
 * account.
 */
async function tagged<Row extends ImageRow | SnapshotRow>(
  what: string,
  list: (byTag: ByTag) => Promise<Row[]>,
  { regionId }: Context,
  say: (line: string) => void,
): Promise<Row[]> {
  const found = await list({ Tag: [{ Key: OWNER_TAG }] });
  if (found.length < MOST_BY_TAG) return found;
  say(
    `${regionId}: the filter by tags finds ${MOST_BY_TAG.toLocaleString("en")} ${what} at most, and there may ` +
      `be more; reading all ${what} of the account instead.`,
  );
  const all = await list({});
  return all.filter((row) => tagsIn(row).has(OWNER_TAG));
}

/** Every image of the region with an owner tag, of any stack. */
export const taggedImagesIn = (ctx: Context, say: (line: string) => void): Promise<ImageRow[]> =>
  tagged("images", (byTag) => ownImages(byTag, ctx), ctx, say);

const snapshotsIn = (byTag: ByTag, ctx: Context) => completeList("DescribeSnapshots", byTag, ctx);

/** Without permission to list instances it warns and goes on: a user who tests no images needs no such permission. */
async function testInstancesIn(ctx: Context, say: (line: string) => void): Promise<InstanceRow[]> {
  try {
    return await completeList("DescribeInstances", { Tag: [{ Key: TEST_TAG }] }, ctx);
  } catch (error) {
    if (reactionTo(error) !== "denied") throw error;
    say(`${ctx.regionId}: instances of image tests are not listed, since ecs:DescribeInstances is not allowed.`);
    return [];
  }
}
