import { TAG_PREFIX, tagsIn } from "../../provider/lifecycle/ownership";
import { completeList, ownImages } from "../lists";
import { exportPrefix, RUN_TAG } from "./scene";
import type { Place } from "./stage";

/** Something in the account that an acceptance run may touch. */
export interface Belonging {
  readonly kind: "image" | "snapshot" | "instance" | "object";
  readonly id: string;
  readonly regionId: string;
  /** What must not change. */
  readonly content: string;
  /** Whether an acceptance run created it or tagged it. */
  readonly isOurs: boolean;
  /** The profile of the second account, for what belongs to that one. */
  readonly profile?: string;
}

/**
 * The accounts' images and snapshots in these regions with their names and tags, the instances that the run has started
 * there, and the objects that it has written to the bucket.
 */
export async function belongings(place: Place): Promise<Belonging[]> {
  const { profile, guest } = place;
  const own = (await Promise.all([...place.regions.map((region) => inRegion(region, place)), objectsOf(place)])).flat();
  const all = profile === undefined ? own : own.map((one) => ({ ...one, profile }));
  return guest ? [...all, ...(await belongings(guest))] : all;
}

async function inRegion(regionId: string, { run, context }: Place): Promise<Belonging[]> {
  const ctx = context("listing what the account holds", regionId);
  const Tag = [{ Key: RUN_TAG, Value: run }];
  const [images, snapshots, instances] = await Promise.all([
    ownImages({}, ctx),
    completeList("DescribeSnapshots", {}, ctx),
    completeList("DescribeInstances", { Tag }, ctx),
  ]);
  const belonging = (kind: Belonging["kind"], id: string, texts: readonly (string | undefined)[], row: Tagged) => {
    const tags = tagsIn(row);
    const isOurs = tags.get(RUN_TAG) === run || [...tags.keys()].some((key) => key.startsWith(TAG_PREFIX));
    return { kind, id, regionId, content: JSON.stringify([texts, [...tags].sort()]), isOurs };
  };
  return [
    ...images.map((row) => belonging("image", row.ImageId!, [row.ImageName, row.Description, row.ImageFamily], row)),
    ...snapshots.map((row) => belonging("snapshot", row.SnapshotId!, [row.SnapshotName], row)),
    ...instances.map((row) => belonging("instance", row.InstanceId!, [], row)),
  ];
}

type Tagged = Parameters<typeof tagsIn>[0];

async function objectsOf({ run, regions, given: { bucket }, context }: Place): Promise<Belonging[]> {
  if (bucket === undefined) return [];
  const objects = await context("listing objects").oss().listObjects(bucket, exportPrefix(run));
  return objects.map(({ key }) => ({
    kind: "object",
    id: `oss://${bucket}/${key}`,
    regionId: regions[0]!,
    content: "",
    isOurs: true,
  }));
}

export interface Change extends Belonging {
  readonly is: "new" | "changed" | "gone";
}

/** The differences: what was added, removed or changed. */
export function changesBetween(before: readonly Belonging[], after: readonly Belonging[]): Change[] {
  const was = new Map(before.map((one) => [`${one.kind} ${one.id}`, one]));
  const now = new Map(after.map((one) => [`${one.kind} ${one.id}`, one]));
  return [
    ...[...now].flatMap(([name, one]): Change[] => {
      const earlier = was.get(name);
      if (!earlier) return [{ ...one, is: "new" }];
      return earlier.content === one.content ? [] : [{ ...one, is: "changed" }];
    }),
    ...[...was].filter(([name]) => !now.has(name)).map(([, one]): Change => ({ ...one, is: "gone" })),
  ];
}

/** The command with which a person can remove it. */
export function removalOf({ kind, id, regionId, profile, is }: Change): string {
  if (is !== "new") return "";
  const options = `--RegionId ${regionId}${profile === undefined ? "" : ` --profile ${profile}`}`;
  if (kind === "image") return `aliyun ecs DeleteImage --ImageId ${id} ${options}`;
  if (kind === "snapshot") return `aliyun ecs DeleteSnapshot --SnapshotId ${id} ${options}`;
  if (kind === "instance") return `aliyun ecs DeleteInstance --InstanceId ${id} --Force true ${options}`;
  return `aliyun oss rm ${id}`;
}
