import type { SnapshotRow } from "../../provider/ecs/actions";
import { reactionTo } from "../../provider/ecs/codes";
import { messageOf } from "../../provider/failure";
import type { Context } from "../../provider/lifecycle/context";
import { TAG_PREFIX, tagsIn } from "../../provider/lifecycle/ownership";
import { changeSharing, sharedWith } from "../../provider/resources/images/sharing";
import { holdingsIn } from "../holdings";
import { completeList, ownImages, tasksOf } from "../lists";
import type { Orphan } from "../model";
import { orphansAmong } from "../orphan";
import { removeAll } from "../removal";
import { type StackState, stackStateIn } from "../stack-state";
import type { Belonging } from "./belongings";
import { markedSnapshots, markSnapshots } from "./run-snapshots";
import { exportPrefix, RUN_TAG } from "./scene";
import { HOSTS, type Place, projectOf } from "./stage";

const ROUND_MS = 5_000;
const LIMIT_MS = 3 * 3_600_000;

export interface CleanUp {
  readonly place: Place;
  /** What the account held before the run, if known: a tag that was there already stays. */
  readonly before: readonly Belonging[];
  say(line: string): void;
}

/**
 * Removes what a run has left, judged by what the cloud shows; no state is needed. The run's stacks count as empty, so
 * everything with their tags is an orphan. Waits for what is still being made, and cancels tasks. Returns what it could
 * not remove.
 */
export async function cleanUp(run: CleanUp): Promise<string[]> {
  const { session, regions, guest } = run.place;
  // An image cannot be deleted while the other account copies it.
  const kept = guest ? await cleanUp({ ...run, place: guest }) : [];
  if (kept.length > 0) return kept;
  const { clock } = session;
  for (const startedAt = clock.now(); ; await clock.sleep(ROUND_MS)) {
    await markSnapshots(run.place);
    const left = (await Promise.all(regions.map((regionId) => cleanRegion(regionId, run)))).flat();
    if (left.length === 0) break;
    if (clock.now() - startedAt > LIMIT_MS) return left;
  }
  await removeObjects(run);
  await removeMarks(run);
  return [];
}

/** Removes the snapshots that an import has made, which the provider keeps on purpose. */
export async function removeMarkedSnapshots(run: CleanUp): Promise<void> {
  const { regions, session } = run.place;
  for (const regionId of regions) {
    const marked = await markedSnapshots(regionId, run.place);
    await removeAll(marked, session, reporter(run));
  }
}

const reporter =
  ({ say }: CleanUp, left: string[] = []) =>
  ({ kind, id }: Orphan, failed?: string) => {
    if (failed === undefined) say(`${kind} ${id}: deleted`);
    else left.push(`${kind} ${id}: ${failed}`);
  };

/** One round. Returns what is left, and why. */
async function cleanRegion(regionId: string, run: CleanUp): Promise<string[]> {
  const { place } = run;
  const ctx = place.context("cleaning up", regionId);
  const Tag = [{ Key: RUN_TAG, Value: place.run }];
  const images = await ownImages({ Tag }, ctx);
  const ids = images.map(({ ImageId }) => ImageId!);
  await cancelTasks(ids, ctx);
  for (const id of ids) await unshare(id, ctx);
  const orphans = (await Promise.all(statesOf(run).map((state) => orphansOf(state, regionId, run)))).flat();
  const stray = ids.filter((id) => !orphans.some((orphan) => orphan.id === id));
  const marked = (await markedSnapshots(regionId, place)).filter(
    ({ id }) => !orphans.some((orphan) => orphan.id === id),
  );
  const meant = [
    ...marked,
    ...orphans.filter(({ kind }) => kind === "image" || kind === "instance" || kind === "snapshot"),
    ...stray.map((id) => strayImage(id, regionId)),
  ];
  const left: string[] = [];
  const removable = meant.filter(({ kept }) => kept === undefined);
  await removeAll(removable, place.session, reporter(run, left));
  return [...left, ...meant.flatMap(({ kind, id, kept }) => (kept === undefined ? [] : [`${kind} ${id}: ${kept}`]))];
}

/** States that know nothing of what the run has created. */
const statesOf = ({ place: { run } }: CleanUp): StackState[] =>
  HOSTS.map((stack) =>
    stackStateIn(JSON.stringify({ version: 3, deployment: {} }), { project: projectOf(run), stack }),
  );

async function orphansOf(state: StackState, regionId: string, { place: { session }, say }: CleanUp): Promise<Orphan[]> {
  const caution = { nowMs: session.clock.now(), olderThanMs: Number.NEGATIVE_INFINITY, keepRetained: false };
  return orphansAmong(await holdingsIn(regionId, state, session, say), state, caution);
}

/** An image that the run has created without Pulumi, to adopt it. It has no snapshots of its own. */
const strayImage = (id: string, regionId: string): Orphan => ({
  kind: "image",
  id,
  regionId,
  status: "",
  origin: "interrupted",
});

async function cancelTasks(imageIds: readonly string[], ctx: Context): Promise<void> {
  const tasks = await tasksOf(imageIds, ctx);
  for (const { TaskId, TaskStatus } of tasks)
    if (TaskStatus === "Waiting" || TaskStatus === "Processing")
      await ctx.ecs("CancelTask", { TaskId: TaskId! }).catch(unlessRefused);
}

/** Ignores a refusal, because the next round tries again. */
function unlessRefused(error: unknown): void {
  if (reactionTo(error) === "denied") throw error;
}

async function unshare(imageId: string, ctx: Context): Promise<void> {
  const accounts = [...((await sharedWith(imageId, ctx)) ?? [])];
  if (accounts.length > 0) await changeSharing(imageId, "RemoveAccount", accounts, ctx).catch(unlessRefused);
}

async function removeObjects({ place: { run, given, context }, say }: CleanUp): Promise<void> {
  const { bucket } = given;
  if (bucket === undefined) return;
  const oss = context("deleting exported files").oss();
  for (const { key } of await oss.listObjects(bucket, exportPrefix(run))) {
    await oss.deleteObject(bucket, key);
    say(`oss://${bucket}/${key}: deleted`);
  }
}

/** Removes the tags that an interrupted export has left on its image's snapshot, which may be the user's own. */
async function removeMarks({ place: { regions, context }, before, say }: CleanUp): Promise<void> {
  const known = new Map(before.filter(({ kind }) => kind === "snapshot").map((one) => [one.id, one]));
  for (const regionId of regions) {
    const ctx = context("removing marks", regionId);
    for (const row of await completeList("DescribeSnapshots", {}, ctx)) {
      const marks = marksOn(row, known.get(row.SnapshotId!));
      if (marks.length === 0) continue;
      await ctx
        .ecs("UntagResources", { ResourceType: "snapshot", ResourceId: [row.SnapshotId!], TagKey: marks })
        .catch((error) => {
          say(`snapshot ${row.SnapshotId} keeps the tags ${marks.join(", ")}: ${messageOf(error)}`);
        });
    }
  }
}

/** The tags to remove: only from snapshots that existed before the run, and only tags that they did not have then. */
const marksOn = (row: SnapshotRow, before: Belonging | undefined): string[] =>
  before
    ? [...tagsIn(row).keys()].filter(
        (key) => key.startsWith(TAG_PREFIX) && !before.content.includes(JSON.stringify(key)),
      )
    : [];
