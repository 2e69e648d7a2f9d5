// The state of an image according to its row, and whether it is ready.

import type { ImageRow } from "../../ecs/actions";
import { isYoung, unlessAbsent } from "../../lifecycle/absence";
import type { Context } from "../../lifecycle/context";
import type { Phase } from "../../lifecycle/lifecycle";
import {
  isSameResource,
  OWNER_TAG,
  type Owner,
  ownerIn,
  PENDING_TAG,
  pendingIn,
  TAG_PREFIX,
  tagsIn,
} from "../../lifecycle/ownership";
import type { Readiness, Wait } from "../../wait/watch";
import { type Complete, compact, type Detection, type ImageArgs, type ImageOutputs } from "./args";
import { disksOf } from "./disks";
import { statusToRecord } from "./test/state";

/** The arguments and outputs of an image. What the cloud does not return stays as known. */
export function imageState(
  row: ImageRow,
  known: Partial<ImageArgs & Pick<ImageOutputs, "previousVersions" | "testResult" | "status" | "snapshotIds">>,
  { regionId, isAdopted }: Pick<Context, "regionId" | "isAdopted">,
): Complete<ImageArgs & ImageOutputs> {
  const features = { imdsSupport: text(row.Features?.ImdsSupport), nvmeSupport: text(row.Features?.NvmeSupport) };
  return {
    imageId: row.ImageId!,
    regionId,
    imageName: row.ImageName,
    imageFamily: row.ImageFamily ?? known.imageFamily,
    description: row.Description ?? known.description,
    bootMode: text(row.BootMode) ?? known.bootMode,
    licenseType: text(row.LicenseType) ?? known.licenseType,
    features: features.imdsSupport || features.nvmeSupport ? compact(features) : known.features,
    resourceGroupId: text(row.ResourceGroupId) ?? known.resourceGroupId,
    tags: userTags(row, known.tags),
    deprecated: row.Status === "Deprecated",
    // These cannot drift, because only another image can have other values. The cloud may spell them differently.
    architecture: known.architecture ?? text(row.Architecture),
    platform: known.platform ?? text(row.Platform),
    triggers: known.triggers,
    forceDelete: known.forceDelete,
    deleteSnapshots: known.deleteSnapshots,
    keepVersions: known.keepVersions,
    detectionStrategy: known.detectionStrategy,
    test: known.test,
    status: statusToRecord(row.Status ?? "Unknown", known),
    progress: row.Progress,
    creationTime: row.CreationTime ?? "",
    size: row.Size ?? 0,
    osType: row.OSType ?? "",
    osName: row.OSNameEn ?? row.OSName ?? "",
    usable: row.Usable ?? true,
    previousVersions: known.previousVersions ?? [],
    testResult: known.testResult,
    detection: detectionIn(row, known.detectionStrategy),
    snapshotIds: withMade(known.snapshotIds, isAdopted ? [] : snapshotsIn(row)),
  };
}

/** The snapshots of an image's disks. If the image was imported or copied, its creation made all of them. */
export const snapshotsIn = (row: ImageRow): string[] => disksOf(row).flatMap(({ snapshotId }) => snapshotId ?? []);

/** The recorded snapshots, and those that the creation has made since. */
export const withMade = (recorded: readonly string[] = [], made: readonly string[]): string[] => [
  ...new Set([...recorded, ...made]),
];

/** The result of ECS's check. The check goes on after the image is ready, so a refresh may find more. */
function detectionIn(row: ImageRow, strategy: string | undefined): Detection | undefined {
  const { Status, Items } = row.DetectionOptions ?? {};
  if (strategy === undefined || !Status) return undefined;
  const items = (Items?.Item ?? []).map(({ Name, Value, RiskCode, RiskLevel }) =>
    compact({
      name: Name ?? "",
      value: Value ?? "",
      riskCode: text(RiskCode),
      riskLevel: text(RiskLevel),
    }),
  );
  return { status: Status, items } as Detection;
}

/** Warns of risks that were not known before. */
export function warnOfRisks(id: string, now: Detection | undefined, before: Detection | undefined, ctx: Context): void {
  const known = new Set((before?.items ?? []).map(({ riskCode }) => riskCode));
  const risks = (now?.items ?? []).filter(({ riskCode }) => riskCode !== undefined && !known.has(riskCode));
  if (risks.length === 0) return;
  const named = risks.map(
    ({ name, riskCode, riskLevel }) => `${riskCode} (${name}${riskLevel ? `, ${riskLevel}` : ""})`,
  );
  ctx.warn(`the check of image ${id} found: ${named.join("; ")}`);
}

/** The user's tags: without the cloud's, the package's, and those that others have set. */
export function userTags(row: ImageRow, known: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const isForeign = (key: string) =>
    /^(acs:|aliyun)/.test(key) || key.startsWith(TAG_PREFIX) || (known !== undefined && !Object.hasOwn(known, key));
  return Object.fromEntries([...tagsIn(row)].filter(([key]) => !isForeign(key)));
}

const text = (value: string | undefined) => (value === "" ? undefined : value);

/** The phase of an image. `failed` are the statuses that never become Available. */
export const imagePhase = (
  have: { readonly status?: string; readonly usable?: boolean },
  failed: readonly string[],
): Phase =>
  failed.includes(have.status ?? "") ? "failed" : isReady(have.status, have.usable) ? "ready" : "unfinished";

/** Whether instances can be created from it. An image can be listed as Available some moments before. */
const isReady = (status: string | undefined, usable: boolean | undefined) =>
  status === "Deprecated" || (status === "Available" && usable !== false);

/** Evaluates the row of an image in creation. */
const imageReadiness =
  (what: string, failed: readonly string[]) =>
  (row: ImageRow | undefined): Readiness<ImageRow> => {
    if (!row) return { is: "pending", at: "not listed yet" };
    if (isReady(row.Status, row.Usable)) return { is: "ready", value: row };
    if (failed.includes(row.Status ?? ""))
      return { is: "failed", why: `${what} ended as ${row.Status}: the cloud could not create it${progressOf(row)}` };
    const percent = Number.parseInt(row.Progress ?? "", 10);
    const at = row.Status === "Available" ? "Available, but not usable yet" : `${row.Status}${progressOf(row)}`;
    return { is: "pending", at, percent: Number.isNaN(percent) ? undefined : percent, leftMs: leftMsOf(row) };
  };

const progressOf = (row: ImageRow) => (row.Progress ? ` (${row.Progress})` : "");

/** The time that the cloud reports for the slowest disk. */
function leftMsOf(row: ImageRow): number | undefined {
  const left = (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).map(({ RemainTime }) => RemainTime ?? 0);
  const slowest = Math.max(0, ...left);
  return slowest > 0 ? slowest * 1_000 : undefined;
}

/** Whether it is being created. Then it may not show its tags and its source yet. */
export const isBeingCreated = ({ Status }: ImageRow): boolean => Status === "Creating" || Status === "Waiting";

/** How to wait for an image. `have` is its record: an image that was read once, or that is old, was listed before. */
export const imageWait = (
  id: string,
  failed: readonly string[],
  have: { readonly creationTime?: string },
  ctx: Context,
): Wait<ImageRow, ImageRow> => ({
  listedBefore: have.creationTime !== undefined || !isYoung(ctx),
  what: `image ${id}`,
  deadlineMs: ctx.deadlineMs,
  initialDelayMs: 1_000, // no image is made at once, and one query then answers for many that started together
  evaluate: imageReadiness(`image ${id}`, failed),
  report: ctx.showWait,
});

/** Notes a pending tag on an image of this resource, so that it is updated at the orderly end. */
export function notePending(row: ImageRow, owner: Owner, ctx: Context): void {
  const tags = tagsIn(row);
  const found = ownerIn(tags.get(OWNER_TAG));
  const isOwn = found?.resource === owner.resource || (found && isSameResource(found, owner));
  const isImported = pendingIn(tags.get(PENDING_TAG)) === "imported"; // which does not change
  if (tags.has(PENDING_TAG) && isOwn && !isImported) ctx.pending.marked(row.ImageId!);
}

/**
 * Reads a recorded image. Lists lag behind and have gaps, so it counts as gone only if they lack it repeatedly. If this
 * run has found it gone, it is read only once. `isClear`: whether a row needs no second look for `what`.
 */
export async function readRecorded(
  id: string,
  ctx: Context,
  isClear = (row: ImageRow | undefined): boolean => row !== undefined,
  what = id,
): Promise<ImageRow | undefined> {
  const read = () => ctx.images.read(id);
  const row = await (ctx.pending.isGone(id) ? read() : unlessAbsent(read, isClear, what, ctx));
  if (!row) ctx.pending.gone(id);
  return row;
}
