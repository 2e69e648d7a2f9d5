// Waits until an image is available and has passed its test.

import type { ImageRow } from "../../ecs/actions";
import type { Context } from "../../lifecycle/context";
import type { ImageArgs } from "./args";
import { type ImageKind, type ImageState, ownerFor, phaseOf, stateOf } from "./kind";
import { warnOfOthers } from "./recovery";
import { imageWait, warnOfRisks } from "./state";
import { testBeforeFamily } from "./test";
import { deleteInstances, type Subject } from "./test/instance";
import { isUntested } from "./test/state";
import { previousVersions } from "./versions";

/** An image that is waited for: its id, its arguments, and what is known about it. */
interface Awaited {
  readonly id: string;
  readonly args: ImageArgs;
  readonly have: Partial<ImageState>;
}

/** Waits until the image is available and has passed its test. Repeatable. */
export async function readyImage(kind: ImageKind, awaited: Awaited, ctx: Context): Promise<ImageState> {
  const { id, args, have } = awaited;
  const { row, known = {} } = await waited(kind, awaited, ctx);
  const testResult = await testResultOf(kind, awaited, row, ctx);
  // On an image that was taken over, all user tags come from the interrupted run.
  const tags = ctx.pending.isTakenOver(id) ? undefined : { ...have.tags, ...args.tags };
  const owner = ownerFor(kind, args, ctx);
  const wasReady = phaseOf(kind, have) === "ready";
  if (!wasReady && ctx.pending.isShown(id)) await warnOfOthers(id, owner, ctx);
  const seen = { ...have, status: row.Status, test: args.test, testResult, ...known };
  const { tags: _known, ...rest } = seen as Partial<ImageState>;
  const versions = wasReady ? {} : { previousVersions: await previousVersions(id, args, owner, ctx) };
  const ready = stateOf(kind, row, { ...rest, ...(tags && { tags }), ...versions }, ctx);
  if (!wasReady) warnOfRisks(id, ready.detection, have.detection, ctx);
  return ready;
}

/** The row of the available image, and what else the wait has learned. */
async function waited(
  kind: ImageKind,
  { id, args, have }: Awaited,
  ctx: Context,
): Promise<{ readonly row: ImageRow; readonly known?: Partial<ImageState> }> {
  if (kind.wait) return kind.wait(id, have, ctx, args);
  const wait = imageWait(id, kind.failedStatuses, have, ctx);
  return { row: await ctx.images.until(id, wait) };
}

/** The result of the test that the image passed, now or before. An imported image is not tested. */
async function testResultOf(kind: ImageKind, { id, args, have }: Awaited, row: ImageRow, ctx: Context) {
  const { test } = args;
  const isImported = ctx.isAdopted || (ctx.pending.isAdopted(id) && !ctx.pending.isTakenOver(id));
  if (test === undefined || isImported || !isUntested({ ...have, test })) return have.testResult;
  return testBeforeFamily(row, test, subjectOf(kind, id, args, ctx), ctx);
}

/** Deletes the image's test instances. An image is in use as long as one of them exists. */
export async function endTests(kind: ImageKind, id: string, have: Partial<ImageState>, ctx: Context): Promise<void> {
  if (isUntested(have)) await deleteInstances(subjectOf(kind, id, have, ctx), ctx);
}

const subjectOf = (kind: ImageKind, imageId: string, args: Partial<ImageArgs>, ctx: Context): Subject => ({
  imageId,
  owner: ownerFor(kind, args, ctx),
  tags: args.tags ?? {},
});
