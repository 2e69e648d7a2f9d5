import type { ImageRow } from "../provider/ecs/actions";
import { certainRows } from "../provider/ecs/pages";
import type { Context } from "../provider/lifecycle/context";
import { OWNER_TAG, type OwnerTag, ownerIn, TESTED_TAG, tagsIn, urnParts } from "../provider/lifecycle/ownership";
import type { StackState } from "./stack-state";

/** An image of this package, as the inventory shows it. */
export interface Inventory {
  /** Undefined if only the hash of the stack is known. */
  readonly project?: string;
  /** The stack's name, or the hash in the tag. */
  readonly stack: string;
  readonly resource: string;
  readonly regionId: string;
  readonly imageId: string;
  readonly imageName?: string;
  readonly status: string;
  /** 0 for the current image of its resource in this region, 1 for the one before, and so on. */
  readonly version: number;
  readonly createdAt?: string;
  readonly ageSeconds?: number;
  /** Whether instances use it. */
  readonly isUsed: boolean;
  /** The number of accounts that it is shared with. */
  readonly sharedWith: number;
  /** Whether it has the tag of a passed test, or the state has the result. */
  readonly tested: boolean;
  /** The size of its disks, an upper bound for its snapshots. */
  readonly gib: number;
}

interface Around {
  readonly regionId: string;
  readonly state: StackState | undefined;
  readonly nowMs: number;
  readonly shares: ReadonlyMap<string, number>;
}

/** The images of one region, by stack and resource, the newest first. Pure. */
export function inventoryOf(images: readonly ImageRow[], around: Around): Inventory[] {
  const owned = images.flatMap((row) => {
    const owner = ownerIn(tagsIn(row).get(OWNER_TAG));
    return owner === undefined || row.ImageId === undefined ? [] : [{ row, owner }];
  });
  owned.sort((a, b) => ((a.row.CreationTime ?? "") < (b.row.CreationTime ?? "") ? 1 : -1));
  const seen = new Map<string, number>();
  const listed = owned.map(({ row, owner }) => {
    const key = owner.lineage ?? `${owner.stack}.${owner.resource}`;
    const version = seen.get(key) ?? 0;
    seen.set(key, version + 1);
    return inventoryRow(row, owner, version, around);
  });
  const place = ({ project = "", stack, resource, version }: Inventory) =>
    [project, stack, resource, String(version).padStart(4, "0")].join("\n");
  return listed.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function inventoryRow(row: ImageRow, owner: OwnerTag, version: number, around: Around): Inventory {
  const { regionId, state, nowMs, shares } = around;
  const urn = state?.hashes.has(owner.stack) ? state.urns.get(owner.resource) : undefined;
  const createdMs = Date.parse(row.CreationTime ?? "");
  const disks = row.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  return {
    ...(state?.hashes.has(owner.stack) && { project: state.name.project }),
    stack: state?.hashes.has(owner.stack) ? state.name.stack : owner.stack,
    resource: urn === undefined ? owner.resource : urnParts(urn).name,
    regionId,
    imageId: row.ImageId!,
    ...(row.ImageName && { imageName: row.ImageName }),
    status: row.Status ?? "",
    version,
    ...(row.CreationTime && { createdAt: row.CreationTime }),
    ...(!Number.isNaN(createdMs) && { ageSeconds: Math.floor((nowMs - createdMs) / 1_000) }),
    isUsed: row.Usage === "instance",
    sharedWith: shares.get(row.ImageId!) ?? 0,
    tested: tagsIn(row).has(TESTED_TAG) || (state?.tested.has(row.ImageId!) ?? false),
    gib: disks.reduce((sum, { Size }) => sum + (Number(Size) || 0), 0) || (row.Size ?? 0),
  };
}

/** The number of accounts that each image is shared with. Asks only about images that are marked as shared. */
export async function sharedWith(images: readonly ImageRow[], { ecs }: Context): Promise<ReadonlyMap<string, number>> {
  const shared = images.filter(({ IsSelfShared }) => /^true$/i.test(String(IsSelfShared)));
  const counted = shared.map(async ({ ImageId }) => {
    const accounts = await certainRows(ecs, "DescribeImageSharePermission", { ImageId: ImageId! });
    return [ImageId!, accounts.length] as const;
  });
  return new Map(await Promise.all(counted));
}
