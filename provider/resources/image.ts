import type { ImageRow } from "../ecs/actions";
import { reactionTo } from "../ecs/codes";
import type { Fields } from "../fields/fields";
import { anyList, flag, identifier, nameText, oneOf, pattern, shape, tags, text } from "../fields/rules";
import type { Phase } from "../lifecycle/lifecycle";
import {
  OWNER_TAG,
  type Owner,
  ownerIn,
  ownerOf,
  ownerValue,
  PENDING_TAG,
  TAG_PREFIX,
  USER_TAGS,
} from "../lifecycle/ownership";
import type { Context } from "../lifecycle/session";
import type { Readiness, Wait } from "../wait/watch";

/** What the two kinds of image have in common: the arguments that change where it stands, and how an image is read, waited for and removed. */
export interface ImageArgs {
  readonly imageName?: string;
  readonly imageFamily?: string;
  readonly description?: string;
  readonly bootMode?: string;
  readonly licenseType?: string;
  readonly resourceGroupId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly deprecated?: boolean;
  readonly forceDelete?: boolean;
  readonly detectionStrategy?: string;
  readonly triggers?: readonly unknown[];
  readonly regionId?: string;
  readonly architecture?: string;
  readonly platform?: string;
  readonly features?: { readonly imdsSupport?: string; readonly nvmeSupport?: string };
}

/** What the cloud adds. */
export interface ImageOutputs {
  readonly imageId: string;
  readonly status: string;
  readonly progress?: string;
  readonly creationTime?: string;
  readonly size?: number;
  readonly osType?: string;
  readonly osName?: string;
  readonly usable: boolean;
  readonly regionId: string;
}

export const PLATFORMS = [
  "Aliyun",
  "Anolis",
  "CentOS",
  "Ubuntu",
  "CoreOS",
  "SUSE",
  "Debian",
  "OpenSUSE",
  "FreeBSD",
  "RedHat",
  "Kylin",
  "UOS",
  "Fedora",
  "Fedora CoreOS",
  "CentOS Stream",
  "AlmaLinux",
  "Rocky Linux",
  "Gentoo",
  "Customized Linux",
  "Others Linux",
  "Windows Server 2022",
  "Windows Server 2019",
  "Windows Server 2016",
  "Windows Server 2012",
  "Windows Server 2008",
  "Windows Server 2003",
] as const;

export const imageFields: Fields<ImageArgs> = {
  imageName: {
    accepts: nameText(2, 128),
    change: "update",
    summary: "The name, unique in the region. Left out: `<resource name>-<random suffix>`.",
  },
  imageFamily: {
    accepts: nameText(2, 128),
    change: "update",
    summary: "The family whose newest image instances can be started from.",
  },
  description: {
    accepts: text(2, 256, { notStarting: ["http://", "https://"] }),
    change: "update",
    summary: "Free text.",
  },
  bootMode: {
    accepts: oneOf("BIOS", "UEFI", "UEFI-Preferred"),
    change: "update",
    summary: "How instances made from it boot.",
  },
  licenseType: {
    accepts: oneOf("Auto", "Aliyun", "BYOL"),
    change: "update",
    summary: "Whose licence activates the operating system.",
  },
  features: {
    accepts: shape({ imdsSupport: oneOf("v1", "v2"), nvmeSupport: oneOf("supported", "unsupported") }),
    change: "update",
    // Only what is given is wanted: a feature left out keeps the value that the cloud has.
    same: (have, want) =>
      Object.entries(want as object).every(
        ([key, wanted]) => wanted === undefined || (have as Record<string, unknown>)[key] === wanted,
      ),
    summary: "Metadata access (`imdsSupport`) and NVMe (`nvmeSupport`).",
  },
  resourceGroupId: { accepts: identifier("a resource group"), change: "update", summary: "The resource group." },
  tags: {
    accepts: tags(USER_TAGS, TAG_PREFIX),
    change: "update",
    default: {},
    summary: `At most ${USER_TAGS}; tags that others set are left alone.`,
  },
  deprecated: { accepts: flag, change: "update", default: false, summary: "Whether its status is Deprecated." },
  forceDelete: { accepts: flag, change: "record", default: false, summary: "Delete it even while instances use it." },
  detectionStrategy: { accepts: oneOf("Standard"), change: "nothing", summary: "Has the cloud check the new image." },
  triggers: { accepts: anyList, change: "replace", summary: "Any values; a change rebuilds from the same source." },
  regionId: {
    accepts: pattern("the id of a region, such as cn-hangzhou", /^[a-z0-9-]+$/),
    change: "replace",
    summary: "The region. Left out: the stack's.",
  },
  architecture: {
    accepts: oneOf("i386", "x86_64", "arm64"),
    change: "replace",
    summary: "The system disk's architecture.",
  },
  platform: { accepts: oneOf(...PLATFORMS), change: "replace", summary: "The operating system distribution." },
};

/** The image as arguments and outputs, its texts in the cloud's words; what the cloud does not tell stays as it was known. */
export function imageState<State extends ImageArgs>(
  row: ImageRow,
  known: Partial<State>,
  regionId: string,
): ImageArgs & ImageOutputs {
  const held: Record<string, string> = Object.fromEntries(
    (row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey!, TagValue ?? ""]),
  );
  const isForeign = (key: string) =>
    /^(acs:|aliyun)/.test(key) ||
    key.startsWith(TAG_PREFIX) ||
    (known.tags !== undefined && !Object.hasOwn(known.tags, key));
  const features = { imdsSupport: told(row.Features?.ImdsSupport), nvmeSupport: told(row.Features?.NvmeSupport) };
  return defined({
    imageId: row.ImageId!,
    regionId,
    imageName: row.ImageName,
    imageFamily: row.ImageFamily ?? known.imageFamily,
    description: row.Description ?? known.description,
    bootMode: told(row.BootMode) ?? known.bootMode,
    licenseType: told(row.LicenseType) ?? known.licenseType,
    features: features.imdsSupport || features.nvmeSupport ? defined(features) : known.features,
    resourceGroupId: told(row.ResourceGroupId) ?? known.resourceGroupId,
    tags: Object.fromEntries(Object.entries(held).filter(([key]) => !isForeign(key))),
    deprecated: row.Status === "Deprecated",
    // What can only be had by another image cannot drift either; the cloud may spell it in another way.
    architecture: known.architecture ?? told(row.Architecture),
    platform: known.platform ?? told(row.Platform),
    triggers: known.triggers,
    forceDelete: known.forceDelete,
    detectionStrategy: known.detectionStrategy,
    status: row.Status ?? "Unknown",
    progress: row.Progress,
    creationTime: row.CreationTime,
    size: row.Size,
    osType: row.OSType,
    osName: row.OSNameEn ?? row.OSName,
    usable: row.Usable ?? true,
  }) as ImageArgs & ImageOutputs;
}

const told = (value: string | undefined) => (value === "" ? undefined : value);

const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

/** Recorded, an image is finished once it was seen ready. `final` are the statuses that never become Available. */
export const imageStage = (have: Partial<ImageOutputs>, final: readonly string[]): Phase =>
  final.includes(have.status ?? "") ? "failed" : isReady(have.status, have.usable) ? "ready" : "unfinished";

/** An image can be listed as Available some moments before instances can be made from it. */
const isReady = (status: string | undefined, usable: boolean | undefined) =>
  status === "Deprecated" || (status === "Available" && usable !== false);

/** Judges what DescribeImages says of an image that is being made. */
export const imageVerdict =
  (what: string, final: readonly string[]) =>
  (row: ImageRow | undefined): Readiness<ImageRow> => {
    if (!row) return { is: "pending", at: "not listed yet" };
    if (isReady(row.Status, row.Usable)) return { is: "ready", value: row };
    if (final.includes(row.Status ?? ""))
      return { is: "failed", why: `${what} ended as ${row.Status}: the cloud could not make it${progressOf(row)}` };
    const percent = Number.parseInt(row.Progress ?? "", 10);
    const at = row.Status === "Available" ? "Available, but not usable yet" : `${row.Status}${progressOf(row)}`;
    return { is: "pending", at, percent: Number.isNaN(percent) ? undefined : percent, leftMs: leftMsOf(row) };
  };

const progressOf = (row: ImageRow) => (row.Progress ? ` (${row.Progress})` : "");

/** Where the cloud tells how long a disk still takes, the slowest one counts. */
function leftMsOf(row: ImageRow): number | undefined {
  const left = (row.DiskDeviceMappings?.DiskDeviceMapping ?? []).map(({ RemainTime }) => RemainTime ?? 0);
  const slowest = Math.max(0, ...left);
  return slowest > 0 ? slowest * 1_000 : undefined;
}

export const imageWait = (id: string, final: readonly string[], ctx: Context): Wait<ImageRow, ImageRow> => ({
  what: `image ${id}`,
  deadlineMs: ctx.deadlineMs,
  initialDelayMs: 1_000, // no image is made at once, and of many that are started together one look then sees all
  evaluate: imageVerdict(`image ${id}`, final),
  report: (at) => ctx.show(at),
});

/** Notes that an image of this resource still carries `open`, so that it comes off (docs/adoption.md). */
export function noteOpen(row: ImageRow, owner: Owner, ctx: Context): void {
  const held = new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]));
  if (held.has(PENDING_TAG) && ownerIn(held.get(OWNER_TAG))?.resource === owner.resource)
    ctx.pending.marked(row.ImageId!);
}

export async function claimImage<Args>(id: string, fields: Fields<Args>, args: Args, ctx: Context): Promise<void> {
  const owner = ownerValue(ownerOf(ctx.urn, fields, args));
  await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [id], Tag: [{ Key: OWNER_TAG, Value: owner }] });
}

/** Sends what ModifyImageAttribute, JoinResourceGroup, TagResources and UntagResources can change. Each call may be repeated. */
export async function amendImage(
  id: string,
  have: ImageArgs,
  want: ImageArgs,
  changed: readonly string[],
  ctx: Context,
): Promise<{ status?: string }> {
  const is = (key: keyof ImageArgs) => changed.includes(key);
  const attributes = defined({
    ImageName: is("imageName") ? want.imageName : undefined,
    ImageFamily: is("imageFamily") ? want.imageFamily : undefined,
    Description: is("description") ? want.description : undefined,
    BootMode: is("bootMode") ? want.bootMode : undefined,
    LicenseType: is("licenseType") ? want.licenseType : undefined,
    Features: is("features")
      ? defined({ ImdsSupport: want.features?.imdsSupport, NvmeSupport: want.features?.nvmeSupport })
      : undefined,
    Status: is("deprecated") ? (want.deprecated ? "Deprecated" : "Available") : undefined,
  });
  if (Object.keys(attributes).length > 0) await ctx.ecs("ModifyImageAttribute", { ImageId: id, ...attributes });
  if (is("resourceGroupId"))
    await ctx.ecs("JoinResourceGroup", {
      ResourceType: "image",
      ResourceId: id,
      ResourceGroupId: want.resourceGroupId!,
    });
  if (is("tags")) {
    const wanted = want.tags ?? {};
    const set = Object.entries(wanted).filter(([key, value]) => have.tags?.[key] !== value);
    const unset = Object.keys(have.tags ?? {}).filter((key) => !Object.hasOwn(wanted, key));
    if (unset.length > 0) await ctx.ecs("UntagResources", { ResourceType: "image", ResourceId: [id], TagKey: unset });
    if (set.length > 0)
      await ctx.ecs("TagResources", {
        ResourceType: "image",
        ResourceId: [id],
        Tag: set.map(([Key, Value]) => ({ Key, Value })),
      });
  }
  return attributes.Status === undefined ? {} : { status: attributes.Status };
}

/** Deletes the image and waits until the cloud no longer lists it. Quiet when it is gone already. */
export async function deleteImage(id: string, force: boolean, ctx: Context): Promise<void> {
  try {
    await ctx.ecs("DeleteImage", { ImageId: id, ...(force && { Force: true }) });
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
  }
  await ctx.images.until(id, {
    what: `image ${id}`,
    deadlineMs: ctx.deadlineMs,
    absenceConfirmed: true,
    report: (at) => ctx.show(at),
    evaluate: (row) =>
      row ? { is: "pending", at: `still listed as ${row.Status}` } : { is: "ready", value: undefined },
  });
}
