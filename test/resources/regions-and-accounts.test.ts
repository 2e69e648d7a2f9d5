import { type Call, type ImageRecord, seededWorld, seeds, type World } from "../../emulator";
import { accountIn } from "../../emulator/world/accounts";
import { lookUpImage } from "../../provider/lookups/images";
import fc from "../support/fast-check";
import { type Lab, openLab, type Props, type Resource, type ResourceName, resource } from "../support/lab";

/**
 * Random programs over a few regions and accounts whose images have the same names, families and tags everywhere. Whatever they
 * do, each call goes to the region that the resource's arguments name, and changes no image but the resource's own.
 */
const REGIONS = ["cn-hangzhou", "cn-beijing", "ap-southeast-1"] as const;
/** Each resource has accounts of its own, since each runs in a process of its own, as if in another stack. */
const ACCOUNTS = {
  a: ["1000000000000001", "1000000000000002", "1000000000000003"],
  b: ["2000000000000001", "2000000000000002", "2000000000000003"],
} as const;
const SHARER = "1000000000000009";
const sourceIn = (region: string) => `m-source-${region}`;

function world(): World {
  const seeded = seededWorld(Date.UTC(2026, 0, 1));
  const base = seeded.images.get(seeds.publicImageId)!;
  const image = (imageId: string, regionId: string, more: Partial<ImageRecord>): ImageRecord => ({
    ...structuredClone(base),
    ...{ imageId, regionId, imageName: "golden", imageFamily: "golden", isPublic: false, tags: new Map() },
    ...more,
  });
  const other = accountIn(seeded, SHARER);
  for (const region of REGIONS) {
    seeded.regions.set(region, seeded.regions.get(region) ?? structuredClone([...seeded.regions.values()][0]!));
    const own = { owner: "self" as const, ownerId: seeded.account.accountId };
    seeded.images.set(sourceIn(region), image(sourceIn(region), region, own));
    const theirs = { owner: "self" as const, ownerId: SHARER, sharedWith: [seeded.account.accountId] };
    other.images.set(`m-theirs-${region}`, image(`m-theirs-${region}`, region, theirs));
  }
  return seeded;
}

interface Step {
  readonly name: string;
  readonly kind: ResourceName;
  readonly args: Props;
  readonly do: "up" | "refresh" | "destroy" | "look-up";
}

const region = fc.constantFrom(...REGIONS);
const copy = fc
  .record({ from: region, to: region, description: fc.constantFrom("one", "another") })
  .map(({ from, to, description }) => ({
    kind: "ImageCopy" as const,
    args: {
      ...{ sourceImageId: sourceIn(from), sourceRegionId: from, regionId: to, imageName: "copy", description },
      deleteSnapshots: true,
      ...(from === to && { encrypted: true }),
    },
  }));
const shareOf = (n: keyof typeof ACCOUNTS) =>
  fc.record({ at: region, accountIds: fc.subarray([...ACCOUNTS[n]], { minLength: 1 }) }).map(({ at, accountIds }) => ({
    kind: "ImageSharePermission" as const,
    args: { imageId: sourceIn(at), regionId: at, accountIds },
  }));
const step: fc.Arbitrary<Step> = fc.constantFrom("a" as const, "b" as const).chain((n) =>
  fc
    .record({
      what: fc.oneof(copy, shareOf(n)),
      do: fc.constantFrom("up" as const, "up" as const, "refresh" as const, "destroy" as const, "look-up" as const),
    })
    .map(({ what, do: verb }) => ({ ...what, name: `${what.kind}-${n}`, do: verb })),
);

/** What a call may be about, by the arguments of its resource before and after the step. */
function isMisdirected(
  { action, params }: Call,
  step: Step,
  before: Props,
  regionOf: (id: string) => string | undefined,
) {
  const allowed = new Set([step.args["regionId"], before["regionId"]]);
  const sources = new Set([step.args["sourceRegionId"], before["sourceRegionId"]]);
  const called = params["RegionId"];
  const isInSource = action === "CopyImage" || (action === "DescribeImages" && sources.has(called));
  if (!(isInSource ? sources : allowed).has(called)) return true;
  const ids = [params["ImageId"], params["ResourceId.1"]].flatMap((text) => text?.split(",") ?? []);
  return ids.some((id) => id.startsWith("m-") && (regionOf(id) ?? called) !== called);
}

it("no region, image or account is ever mixed up by copies, sharing and look-ups", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const lab = await openLab({ world: world() });
      try {
        await played(lab, steps);
      } finally {
        await lab.close();
      }
    }),
    { numRuns: 25 },
  );
});

async function played(lab: Lab, steps: readonly Step[]): Promise<void> {
  const { world: cloud, calls } = lab.emulator;
  const resources = new Map<string, Resource>();
  const regions = new Map<string, string>();
  const note = () => cloud.images.forEach(({ imageId, regionId }) => void regions.set(imageId, regionId));
  const seen = () => structuredClone([...cloud.images.values(), ...accountIn(cloud, SHARER).images.values()]);
  note();
  for (const one of steps) {
    const at = resources.get(one.name) ?? resource(lab, one.kind, one.name);
    resources.set(one.name, at);
    const before = at.state?.outputs ?? {};
    const others = ownOf(resources, at);
    const [from, images] = [calls.length, seen()];
    if (one.do === "up") expect((await at.up(one.args)).error ?? "").toMatch(/^$|belongs to image/);
    if (one.do === "refresh" && at.state) await at.refresh();
    if (one.do === "destroy" && at.state) await at.destroy();
    if (one.do === "look-up") await looked(lab, String(one.args["regionId"]));
    note();
    expect(calls.slice(from).filter((call) => isMisdirected(call, one, before, (id) => regions.get(id)))).toEqual([]);
    const touched = new Set([before["imageId"], at.state?.outputs["imageId"]]);
    const isBystander = ({ imageId }: ImageRecord) => !touched.has(imageId) || others.has(imageId);
    expect(
      seen()
        .filter(isBystander)
        .filter(({ imageId }) => images.some((was) => was.imageId === imageId)),
    ).toEqual(images.filter(isBystander));
  }
  for (const { state } of resources.values()) {
    if (!state) continue;
    const { imageId, regionId, accountIds } = state.outputs;
    const image = cloud.images.get(String(imageId))!;
    expect(image.regionId).toBe(regionId);
    if (accountIds) expect(image.sharedWith).toEqual(expect.arrayContaining(accountIds as string[]));
  }
}

/** Images that other resources have made. */
const ownOf = (resources: ReadonlyMap<string, Resource>, except: Resource): Set<unknown> =>
  new Set(
    [...resources.values()]
      .filter((other) => other !== except && other.state?.outputs["accountIds"] === undefined)
      .flatMap(({ state }) => state?.outputs["imageId"] ?? []),
  );

/** The newest of the family in this region: one's own, and the one that is shared with this account. */
async function looked(lab: Lab, regionId: string): Promise<void> {
  const { session } = lab.process();
  const own = await lab.turn(lookUpImage({ imageFamily: "golden", regionId }, session));
  expect(own).toMatchObject({ imageId: sourceIn(regionId), regionId });
  const owners = ["others" as const];
  const theirs = await lab.turn(lookUpImage({ imageFamily: "golden", regionId, owners }, session));
  expect(theirs).toMatchObject({ imageId: `m-theirs-${regionId}`, regionId });
}
