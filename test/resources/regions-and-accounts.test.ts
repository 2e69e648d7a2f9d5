import { type Call, defaultCredential, type ImageRecord, seededWorld, seeds, type World } from "../../emulator";
import { accountIn } from "../../emulator/world/accounts";
import { lookUpImage } from "../../provider/lookups/images";
import fc from "../support/fast-check";
import { type Lab, openLab, type Props, type Resource, type ResourceName, resource } from "../support/lab";

/**
 * The same program, deployed in two accounts by one node process, in a few regions drawn at random. The images have the
 * same names, families and tags everywhere. Whatever the programs do, each call is signed by the program's own account,
 * goes to the region that the resource's arguments name, and changes no image but the resource's own.
 */
const ACCOUNTS = ["1234567890123456", "7000000000000007"] as const;
type Account = 0 | 1;
/** Each resource has accounts of its own, since each runs in a process of its own, as if in another stack. */
const SHARED_WITH = {
  a: ["1000000000000001", "1000000000000002", "1000000000000003"],
  b: ["2000000000000001", "2000000000000002", "2000000000000003"],
} as const;
const keyOf = (account: Account) => `key-of-${ACCOUNTS[account]}`;
const sourceIn = (region: string, account: Account) => `m-source-${region}-${account}`;

/** Two accounts that share their images with each other, each with an image of the same name in every region. */
function world(regions: readonly string[]): World {
  const seeded = seededWorld(Date.UTC(2026, 0, 1));
  const base = seeded.images.get(seeds.publicImageId)!;
  const [template] = seeded.regions.values();
  for (const region of regions) seeded.regions.set(region, seeded.regions.get(region) ?? structuredClone(template!));
  for (const account of [0, 1] as const) {
    const own = { owner: "self" as const, ownerId: ACCOUNTS[account], isPublic: false, tags: new Map() };
    for (const regionId of regions)
      accountIn(seeded, ACCOUNTS[account]).images.set(sourceIn(regionId, account), {
        ...{ ...structuredClone(base), ...own, imageId: sourceIn(regionId, account), regionId },
        ...{ imageName: "golden", imageFamily: "golden", sharedWith: [ACCOUNTS[account === 0 ? 1 : 0]] },
      });
  }
  return seeded;
}

interface Step {
  readonly account: Account;
  readonly name: string;
  readonly kind: ResourceName;
  readonly args: Props;
  readonly do: "up" | "refresh" | "destroy" | "look";
}

interface Play {
  readonly regions: readonly string[];
  /** The region that each program's configuration names. */
  readonly homes: readonly [string, string];
  readonly steps: readonly Step[];
}

const POOL = "cn-hangzhou cn-beijing cn-wulanchabu ap-southeast-1 ap-southeast-7 us-east-1 eu-central-1 me-central-1";

/** A region that is left out is the stack's. */
const written = (key: string, region: string | undefined): Props => (region === undefined ? {} : { [key]: region });

function stepIn(regions: readonly string[], homes: readonly string[], account: Account): fc.Arbitrary<Step> {
  const region = fc.option(fc.constantFrom(...regions), { nil: undefined, freq: 4 });
  const home = homes[account]!;
  const copy = fc
    .record({ from: region, to: region, description: fc.constantFrom("one", "another") })
    .map(({ from, to, description }) => ({
      kind: "ImageCopy" as const,
      args: {
        ...{ sourceImageId: sourceIn(from ?? home, account), imageName: "copy", description, deleteSnapshots: true },
        ...{ ...written("sourceRegionId", from), ...written("regionId", to) },
        ...((from ?? home) === (to ?? home) && { encrypted: true }),
      },
    }));
  const shareOf = (n: keyof typeof SHARED_WITH) =>
    fc.record({ at: region, accountIds: fc.subarray([...SHARED_WITH[n]], { minLength: 1 }) }).map((drawn) => ({
      kind: "ImageSharePermission" as const,
      args: {
        ...{ imageId: sourceIn(drawn.at ?? home, account), accountIds: drawn.accountIds },
        ...written("regionId", drawn.at),
      },
    }));
  const verb = fc.constantFrom("up" as const, "up" as const, "refresh" as const, "destroy" as const, "look" as const);
  return fc
    .constantFrom("a" as const, "b" as const)
    .chain((n) => fc.record({ what: fc.oneof(copy, shareOf(n)), n: fc.constant(n), do: verb }))
    .map(({ what, n, do: does }) => ({ ...what, account, name: `${what.kind}-${n}`, do: does }));
}

const plays: fc.Arbitrary<Play> = fc
  .subarray(POOL.split(" "), { minLength: 2, maxLength: 4 })
  .chain((regions) =>
    fc.tuple(fc.constant(regions), fc.tuple(fc.constantFrom(...regions), fc.constantFrom(...regions))),
  )
  .chain(([regions, homes]) => {
    const step = fc.constantFrom(0 as const, 1 as const).chain((account) => stepIn(regions, homes, account));
    return fc.record({
      ...{ regions: fc.constant(regions), homes: fc.constant(homes) },
      steps: fc.array(step, { minLength: 1, maxLength: 10 }),
    });
  });

it("copies, shares and look-ups of two accounts mix up no region, image or account", async () => {
  await fc.assert(
    fc.asyncProperty(plays, async (drawn) => {
      const credentials = ([0, 1] as const).map((account) => ({
        ...{ ...defaultCredential, accessKeyId: keyOf(account), accountId: ACCOUNTS[account] },
      }));
      const lab = await openLab({ world: world(drawn.regions), credentials });
      try {
        await new Player(lab, drawn).play();
      } finally {
        await lab.close();
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

class Player {
  private readonly resources = new Map<string, Resource>();
  private readonly regionOf = new Map<string, string>();

  constructor(
    private readonly lab: Lab,
    private readonly drawn: Play,
  ) {}

  async play(): Promise<void> {
    this.note();
    for (const step of this.drawn.steps) await this.step(step);
    for (const [key, { state }] of this.resources) {
      if (!state) continue;
      const { imageId, regionId, accountIds } = state.outputs;
      const image = this.worldOf(Number(key[0]) as Account).images.get(String(imageId))!;
      expect(image.regionId).toBe(regionId);
      if (accountIds) expect(image.sharedWith).toEqual(expect.arrayContaining(accountIds as string[]));
    }
  }

  private worldOf = (account: Account): World => accountIn(this.lab.emulator.world, ACCOUNTS[account]);
  private images = (): ImageRecord[] =>
    ([0, 1] as const).flatMap((account) => [...this.worldOf(account).images.values()]);
  private note = (): void =>
    this.images().forEach(({ imageId, regionId }) => void this.regionOf.set(imageId, regionId));
  private config = (account: Account): Record<string, string> => ({
    ...{ "alicloud:accessKey": keyOf(account), "alicloud:region": this.drawn.homes[account] },
  });

  private resourceOf({ account, kind, name }: Step): Resource {
    const key = `${account} ${name}`;
    const known = this.resources.get(key) ?? resource(this.lab, kind, name, this.config(account));
    this.resources.set(key, known);
    return known;
  }

  private async step(step: Step): Promise<void> {
    const at = this.resourceOf(step);
    const before = at.state?.outputs ?? {};
    const others = this.ownOf(at);
    const [from, images] = [this.lab.emulator.calls.length, structuredClone(this.images())];
    if (step.do === "up") expect((await at.up(step.args)).error ?? "").toMatch(/^$|belongs to image/);
    if (step.do === "refresh" && at.state) await at.refresh();
    if (step.do === "destroy" && at.state) await at.destroy();
    if (step.do === "look") await this.looked(step);
    this.note();
    const calls = this.lab.emulator.calls.slice(from);
    expect(calls.filter((call) => this.isMisdirected(call, step, before))).toEqual([]);
    const touched = new Set([before["imageId"], at.state?.outputs["imageId"]]);
    const bystanders = images.filter(({ imageId }) => !touched.has(imageId) || others.has(imageId));
    const ids = new Set(bystanders.map(({ imageId }) => imageId));
    expect(this.images().filter(({ imageId }) => ids.has(imageId))).toEqual(bystanders);
  }

  /** What a call may be about, by the arguments of its resource before and after the step. */
  private isMisdirected({ action, params, accessKeyId }: Call, { account, args }: Step, before: Props): boolean {
    if (!accessKeyId.startsWith(keyOf(account))) return true;
    const home = this.drawn.homes[account];
    const allowed = new Set([args["regionId"] ?? home, before["regionId"]]);
    const sources = new Set([args["sourceRegionId"] ?? home, before["sourceRegionId"]]);
    const called = params["RegionId"];
    const isInSource = action === "CopyImage" || (action === "DescribeImages" && sources.has(called));
    if (!(isInSource ? sources : allowed).has(called)) return true;
    const ids = [params["ImageId"], params["ResourceId.1"]].flatMap((text) => text?.split(",") ?? []);
    return ids.some((id) => id.startsWith("m-") && (this.regionOf.get(id) ?? called) !== called);
  }

  /** Images that other resources have made. */
  private ownOf(except: Resource): Set<unknown> {
    const others = [...this.resources.values()].filter((other) => other !== except);
    const made = others.filter(({ state }) => state?.outputs["accountIds"] === undefined);
    return new Set(made.flatMap(({ state }) => state?.outputs["imageId"] ?? []));
  }

  /** The newest of the family in this region: one's own, and the one that the other account shares. */
  private async looked({ account, args }: Step): Promise<void> {
    const { session } = this.lab.process(this.config(account));
    const regionId = String(args["regionId"] ?? this.drawn.homes[account]);
    const own = await this.lab.turn(
      lookUpImage({ imageFamily: "golden", ...written("regionId", args["regionId"] as string) }, session),
    );
    expect(own).toMatchObject({ imageId: sourceIn(regionId, account), regionId });
    const other = account === 0 ? 1 : 0;
    const from = { owners: ["others" as const], ownerIds: [ACCOUNTS[other]] };
    const theirs = await this.lab.turn(lookUpImage({ imageFamily: "golden", regionId, ...from }, session));
    expect(theirs).toMatchObject({ imageId: sourceIn(regionId, other), regionId });
  }
}
