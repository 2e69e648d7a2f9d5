import { ANY_IMAGE_STATUS } from "../../provider/ecs/queries";
import { TAG_PREFIX } from "../../provider/lifecycle/ownership";
import { tagsIn } from "../../provider/lifecycle/pending";
import type { Context } from "../../provider/lifecycle/session";
import { completeList } from "../lists";
import { exportPrefix, RUN_TAG } from "./scenes";

/** Something that the account holds and that an acceptance run may touch. */
export interface Belonging {
  readonly kind: "image" | "snapshot" | "object";
  readonly id: string;
  readonly regionId: string;
  /** What must be the same afterwards. */
  readonly content: string;
  /** Made by an acceptance run, or marked by it. */
  readonly isOurs: boolean;
}

export interface Where {
  readonly run: string;
  readonly regions: readonly string[];
  readonly bucket?: string | undefined;
  context(doing: string, regionId?: string): Context;
}

/**
 * The account's images and snapshots in these regions with their names and tags, and what the run has written to the
 * bucket.
 */
export async function belongings({ run, regions, bucket, context }: Where): Promise<Belonging[]> {
  const lists = regions.map(async (regionId) => {
    const ctx = context("listing what the account holds", regionId);
    const [images, snapshots] = await Promise.all([
      completeList("DescribeImages", { ImageOwnerAlias: "self", Status: ANY_IMAGE_STATUS }, ctx),
      completeList("DescribeSnapshots", {}, ctx),
    ]);
    return [
      ...images.map((row) =>
        belonging("image", row.ImageId!, regionId, [row.ImageName, row.Description, row.ImageFamily], tagsIn(row), run),
      ),
      ...snapshots.map((row) => belonging("snapshot", row.SnapshotId!, regionId, [row.SnapshotName], tagsIn(row), run)),
    ];
  });
  const oss = bucket === undefined ? [] : await context("listing objects").oss().listObjects(bucket, exportPrefix(run));
  const objects = oss.map(({ key }) => ({
    kind: "object" as const,
    id: `oss://${bucket}/${key}`,
    regionId: regions[0]!,
    content: "",
    isOurs: true,
  }));
  return [...(await Promise.all(lists)).flat(), ...objects];
}

function belonging(
  kind: "image" | "snapshot",
  id: string,
  regionId: string,
  texts: readonly (string | undefined)[],
  tags: ReadonlyMap<string, string>,
  run: string,
): Belonging {
  const isOurs = tags.get(RUN_TAG) === run || [...tags.keys()].some((key) => key.startsWith(TAG_PREFIX));
  return { kind, id, regionId, content: JSON.stringify([texts, [...tags].sort()]), isOurs };
}

export interface Change extends Belonging {
  readonly is: "new" | "changed" | "gone";
}

/** What is otherwise than before. */
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

/** What removes it, for a person who does so by hand. */
export function removalOf({ kind, id, regionId, is }: Change): string {
  if (is !== "new") return "";
  if (kind === "image") return `aliyun ecs DeleteImage --RegionId ${regionId} --ImageId ${id}`;
  if (kind === "snapshot") return `aliyun ecs DeleteSnapshot --SnapshotId ${id}`;
  return `aliyun oss rm ${id}`;
}
