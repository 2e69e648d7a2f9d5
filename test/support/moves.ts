import { seeds } from "../../emulator";
import {
  OWNER_TAG,
  ownerValue,
  PENDING_TAG,
  pendingValue,
  RETAINED_TAG,
  stackOf,
} from "../../provider/lifecycle/ownership";
import type { Front } from "./fronts";
import { type Lab, type Place, type Props, type Resource, resource, type UpOptions } from "./lab";

/** What the `up` after a move does otherwise. */
export interface Moved {
  readonly options?: UpOptions;
  /** Arguments that replace the source of the image. */
  readonly source?: Props;
  /** True if a kill may leave a version that no state has. `orphans` then deletes it (docs/adoption.md). */
  readonly mayForget?: true;
}
/** What happens to a resource between two builds: another URN, provider or region, or other users of the account. */
export type Move = (it: Resource, lab: Lab, front: Front) => Moved | undefined;

const CHILD = "pulumi-nodejs:dynamic/alicloud-image:CustomImage$";
export const NORTH = "cn-beijing";
const versions = ({ state }: Resource): { imageId: string }[] => (state?.outputs["previousVersions"] ?? []) as [];

/** The URNs that a resource gets by an alias. */
export const PLACES = { alias: { name: "web" }, parent: { parents: CHILD } } as const satisfies Record<string, Place>;
/** The source of an image in the other region, after `prepare`. */
export const NORTHERN: Props = { snapshotId: "s-north", regionId: NORTH };

/**
 * Every move of a resource that keeps versions. After each, its versions and its image are as they would be without it.
 */
export const MOVES: Readonly<Record<string, Move>> = {
  "an alias": (it) => void it.alias(PLACES.alias),
  "another parent": (it) => void it.alias(PLACES.parent),
  "pulumi stack rename": (it) => void it.renameStack("production"),
  "a move to the other provider": (it, _lab, front) => void it.moveTo(front === "native" ? "dynamic" : "native"),
  "a move of a child to the other provider": (it, _lab, front) => {
    it.alias(PLACES.parent);
    it.moveTo(front === "native" ? "dynamic" : "native");
    return undefined;
  },
  deleteBeforeReplace: () => ({ options: { deleteBeforeReplace: true } }),
  "deleteBeforeReplace of what it is made from": () => ({ options: { deleteBeforeReplace: "dependent" } }),
  "a targeted replacement": () => ({ options: { replace: true } }),
  "a targeted replacement with deleteBeforeReplace": () => ({
    options: { replace: true, deleteBeforeReplace: true },
    mayForget: true,
  }),
  "another region": () => ({ source: NORTHERN }),
  "deletes of another stack while lists are read": (_it, lab) => void crowd(lab),
  "instances that use the replaced image": (it, lab) => void use(lab, it.state!.id),
  "instances that use a version": (it, lab) => void use(lab, versions(it).at(-1)?.imageId ?? it.state!.id),
};

/** Adds to the cloud what the moves need before the resource is made. */
export function prepare({ emulator: { world } }: Lab): void {
  const snapshot = world.snapshots.get(seeds.systemSnapshotId)!;
  world.snapshots.set("s-north", { ...snapshot, snapshotId: "s-north", regionId: NORTH });
}

const FLEET = "i-fleet";

/** Starts an instance from the image, until `release`. */
export function use({ emulator }: Lab, imageId: string): void {
  const { instances } = emulator.world;
  instances.set(FLEET, { ...instances.get(seeds.instanceId)!, instanceId: FLEET, imageId });
}
export const isUsed = ({ emulator }: Lab): boolean => emulator.world.instances.has(FLEET);
export const release = ({ emulator }: Lab): void => void emulator.world.instances.delete(FLEET);

const CROWD = "m-crowd-";
export const isCrowd = (imageId: string): boolean => imageId.startsWith(CROWD);
/** One row less than a page: the resource's own images come at the end of the first page. */
const PAGEFUL = 99;

/**
 * Adds images of another stack, newer than the resource's. That stack deletes some while a list is read, so that rows
 * move from the second page to the first between two calls.
 */
export function crowd(lab: Lab): void {
  const { emulator } = lab;
  const { images } = emulator.world;
  const stack = stackOf("golden", "another");
  const owner = ownerValue({ stack, resource: "0".repeat(16), fingerprint: "0".repeat(16) }, "0".repeat(12));
  const [row] = [...images.values()].filter((image) => image.owner === "self");
  for (let n = 0; n < PAGEFUL + 20; n++) {
    const imageId = `${CROWD}${n}`;
    const tags = new Map([[OWNER_TAG, owner]]);
    const names = { imageId, imageName: imageId, imageFamily: "", sharedWith: [] };
    images.set(imageId, { ...row!, ...names, regionId: seeds.regionId, diskMappings: [], tags });
  }
  const { intercept } = emulator;
  emulator.intercept = (call, phase) => {
    if (call.action === "DescribeImages" && phase === "after") shrink(lab);
    return intercept?.(call, phase);
  };
}

/** The other stack deletes more of them, until less than a page is left. */
export function shrink({ emulator: { world } }: Lab): void {
  const others = [...world.images.keys()].filter(isCrowd);
  if (others.length > PAGEFUL - 3) for (const id of others.slice(-4)) world.images.delete(id);
}

/** Adds images of other stacks and other people, which must stay as they are. */
export function addLookalikes({ emulator: { world } }: Lab): void {
  const [base] = world.images.values();
  const stack = stackOf("golden", "dev");
  const owner = { resource: "0".repeat(16), fingerprint: "0".repeat(16) };
  const add = (imageId: string, tags: [string, string][]) =>
    world.images.set(imageId, {
      ...base!,
      imageId,
      owner: "self",
      imageName: imageId,
      diskMappings: [],
      tags: new Map(tags),
    });
  add("m-another-resource", [
    [OWNER_TAG, ownerValue({ ...owner, stack }, "0".repeat(12))],
    [PENDING_TAG, pendingValue("pending", stack)],
  ]);
  const other = stackOf("golden", "another");
  add("m-another-stack", [
    [OWNER_TAG, ownerValue({ ...owner, stack: other, lineage: "0".repeat(12) }, "0".repeat(12))],
  ]);
  add("m-version-of-another", [
    [OWNER_TAG, ownerValue({ ...owner, stack: other, lineage: "0".repeat(12) }, "0".repeat(12))],
    [PENDING_TAG, pendingValue("version", "0".repeat(12))],
  ]);
  add("m-by-hand", [["team", "platform"]]);
}

/** The account's images, apart from the crowd's, which come and go. */
export const imagesBeside = ({ emulator }: Lab): string[] =>
  [...emulator.world.images.values()]
    .filter(({ owner, imageId }) => owner === "self" && !isCrowd(imageId))
    .map(({ imageId }) => imageId);

/** The whole account as a string, to compare. */
export const worldOf = (lab: Lab): string =>
  JSON.stringify([imagesBeside(lab), [...lab.emulator.world.snapshots.keys()]]);

/**
 * An image that its stack left in the cloud and that another stack adopted, with the records of both. `handedOver` is
 * called in between.
 */
export async function adoptedByAnotherStack(lab: Lab, args: Props, handedOver = () => Promise.resolve()) {
  const first = resource(lab, "CustomImage");
  await first.up(args);
  const { id } = first.state!;
  const { tags } = lab.emulator.world.images.get(id)!;
  tags.set(RETAINED_TAG, "2026-01-01T00:00:00Z");
  tags.delete(PENDING_TAG);
  await handedOver();
  const second = resource(lab, "CustomImage");
  second.renameStack("production");
  await second.up({ ...args, description: "ours" }, { hidden: { __import: id } });
  return { id, first, second };
}
