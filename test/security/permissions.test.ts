import { readFileSync } from "node:fs";
import path from "node:path";
import { list } from "../../cli/list";
import { defaultCredential, type Emulator, seeds, type World } from "../../emulator";
import { resourceTypes } from "../../provider/hosts/native/package";
import { OWNER_TAG, ownerValue } from "../../provider/lifecycle/ownership";
import type { GetImageArgs } from "../../provider/lookups/arguments";
import { lookUpImage } from "../../provider/lookups/images";
import { callCommand } from "../cli/terminal";
import { kinds, testIn } from "../support/kinds";
import { inputsOf, type KindName, type Lab, openLab, resource } from "../support/lab";
import { oneOf } from "../support/sample";

/**
 * The minimal permissions of each resource are published. These tests compare them with the calls that the emulator
 * gets.
 */
const published = readFileSync(path.join(__dirname, "../../docs/permissions.md"), "utf8");

interface Policy {
  Version: string;
  Statement: { Effect: "Allow"; Action: string[]; Resource: string[] }[];
}
const policyOf = (kind: string) =>
  JSON.parse(published.split(`## ${kind}\n`)[1]!.split("```json\n")[1]!.split("```")[0]!) as Policy;
const actionsIn = (policy: Policy) => policy.Statement.flatMap(({ Action }) => Action);
const without = (policy: Policy, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((one) => ({ ...one, Action: one.Action.filter((each) => each !== action) })),
});

/** For RAM, a HEAD is a read of the object. */
const permissionFor = (action: string) =>
  /Objects?(V2)?$/.test(action)
    ? `oss:${action.replace("HeadObject", "GetObject").replace("V2", "")}`
    : `ecs:${action}`;
/** Everyone may ask for their own identity. */
const NEEDS_NONE = "GetCallerIdentity";

const creatingActionOf = {
  CustomImage: "CreateImage",
  ImportedImage: "ImportImage",
  ImageExport: "ExportImage",
} as const;

/**
 * Everything that a resource of this kind does in its lifecycle, with every feature, and after a crash. Returns all
 * errors.
 */
async function wholeLife(lab: Lab, kind: KindName): Promise<string[]> {
  const { args, changedInPlace, replaced } = kinds.find((one) => one.kind === kind)!;
  const one = resource(lab, kind);
  const errors: string[] = [];
  const note = async (outcome: Promise<{ error?: string }>) => {
    const { error } = await outcome.catch((thrown: Error) => ({ error: thrown.message }));
    if (error !== undefined) errors.push(error);
  };
  const full =
    kind === "CustomImage"
      ? { ...changedInPlace, resourceGroupId: "rg-another" }
      : kind === "ImportedImage"
        ? { ...changedInPlace, trackSource: true }
        : changedInPlace;

  lab.emulator.world.resourceGroups.set("rg-another", { resourceGroupId: "rg-another", name: "another" });
  await note(one.up(args));
  await note(one.up(full));
  await note(one.refresh());
  const versions = kind === "ImageExport" ? {} : { keepVersions: 1, deleteSnapshots: true };
  await note(one.up({ ...replaced, imageName: full.imageName, ...versions }));
  await note(one.destroy());

  // A run that is killed after the call that creates, and the next one that takes over what it left.
  const killed = lab.process();
  await note(lab.turn(killed.of(kind).create(inputsOf(kind, "golden", args))).then(() => ({})));
  await note(one.up(args));
  await note(one.destroy());

  // One that is not finished in its time, and is destroyed before it is.
  lab.emulator.world.scenarios.push({
    for: creatingActionOf[kind],
    durationMs: kind === "CustomImage" ? 600_000 : 36_000_000,
  });
  await one
    .up({ ...args, ...(kind === "CustomImage" && { deleteSnapshots: true }) }, { timeouts: { create: "2m" } })
    .catch(() => undefined);
  await note(one.destroy());
  return errors;
}

const COPIED = "m-golden";
const copiedFrom = () => {
  const seeded = kinds[0]!.world();
  const base = seeded.images.get(seeds.publicImageId)!;
  const own = { owner: "self" as const, ownerId: seeded.account.accountId, isPublic: false, tags: new Map() };
  seeded.images.set(COPIED, { ...structuredClone(base), ...own, imageId: COPIED, imageName: "golden" });
  return seeded;
};

type Life = (lab: Lab) => Promise<string[]>;

/** The errors of operations that follow one another. */
async function errorsOf(outcomes: readonly (() => Promise<{ error?: string }>)[]): Promise<string[]> {
  const errors: string[] = [];
  for (const outcome of outcomes) {
    const { error } = await outcome().catch((thrown: Error) => ({ error: thrown.message }));
    if (error !== undefined) errors.push(error);
  }
  return errors;
}

/**
 * A copy to another region: created, updated, replaced and kept as a version, taken over after a kill, and cancelled.
 */
const copyLife: Life = (lab) => {
  const one = resource(lab, "ImageCopy");
  const args = { sourceImageId: COPIED, regionId: "cn-beijing", imageName: "copy", tags: { team: "platform" } };
  const full = { ...args, description: "the base of the fleet", tags: { tier: "1" }, deleteSnapshots: true };
  return errorsOf([
    () => one.up(args),
    () => one.up(full),
    () => one.refresh(),
    () => one.up({ ...full, keepVersions: 1, triggers: [1] }),
    () => one.destroy(),
    () =>
      lab
        .turn(
          lab
            .process()
            .of("ImageCopy")
            .create(inputsOf("ImageCopy", "golden", full)),
        )
        .then(() => ({})),
    () => one.up(full),
    () => one.destroy(),
    async () => {
      lab.emulator.world.scenarios.push({ for: "CopyImage", durationMs: 600_000 });
      await one.up(full, { timeouts: { create: "2m" } });
      return one.destroy();
    },
  ]);
};

const shareLife: Life = (lab) => {
  const one = resource(lab, "ImageSharePermission");
  const args = { imageId: COPIED, accountIds: ["1000000000000001", "1000000000000002"] };
  return errorsOf([
    () => one.up(args),
    () => one.up({ ...args, accountIds: args.accountIds.slice(1) }),
    () => one.refresh(),
    () => one.destroy(),
  ]);
};

const lookUpLife: Life = (lab) => {
  const { session } = lab.process();
  const found = (args: GetImageArgs) => () => lab.turn(lookUpImage(args, session)).then(() => ({}));
  return errorsOf([found({ imageId: COPIED }), found({ imageName: "golden", owners: ["self", "system"] })]);
};

const versionsLife: Life = (lab) => {
  const one = resource(lab, "CustomImage");
  const args = { instanceId: seeds.instanceId, keepVersions: 1, deleteSnapshots: true };
  const builds = [1, 2, 3].map((n) => () => one.up({ ...args, triggers: [n] }));
  return errorsOf([...builds, () => one.refresh(), () => one.destroy()]);
};

/** An image that passes its test, and one whose instance does not come up. */
const testLife: Life = async (lab) => {
  const one = resource(lab, "CustomImage");
  const args = { instanceId: seeds.instanceId, imageFamily: "web", test: testIn(seeds.regionId) };
  lab.emulator.world.scenarios.push({ for: "RunInstances", missing: "system" });
  const failed = await one.up(args);
  const errors = /Kernel panic/.test(failed.error ?? "") ? [] : [String(failed.error)];
  return [...errors, ...(await errorsOf([() => one.up(args), () => one.refresh(), () => one.destroy()]))];
};

/** An image that this package has made, and that is shared. */
const listedWorld = () => {
  const made = copiedFrom();
  const owner = { stack: "0".repeat(12), resource: "0".repeat(16), fingerprint: "0".repeat(16) };
  const image = made.images.get(COPIED)!;
  image.tags.set(OWNER_TAG, ownerValue(owner, "0".repeat(12)));
  image.sharedWith.push("1000000000000001");
  return made;
};
const listLife: Life = async (lab) => {
  const { code, said } = await callCommand(list, lab, []);
  return code === 0 ? [] : [said];
};

interface Permitted {
  readonly heading: string;
  /** The heading of another policy that is needed together with this one. */
  readonly beside?: string;
  readonly world: () => World;
  readonly life: Life;
}

const lives: readonly Permitted[] = [
  ...(["CustomImage", "ImportedImage", "ImageExport"] as const).map((kind) => ({
    heading: kind,
    world: kinds.find((one) => one.kind === kind)!.world,
    life: (lab: Lab) => wholeLife(lab, kind),
  })),
  { heading: "ImageCopy", world: copiedFrom, life: copyLife },
  { heading: "ImageSharePermission", world: copiedFrom, life: shareLife },
  { heading: "Look-ups", world: copiedFrom, life: lookUpLife },
  { heading: "list", world: listedWorld, life: listLife },
  { heading: "The test of an image", beside: "CustomImage", world: copiedFrom, life: testLife },
];

test("every resource type has a lifecycle here", () => {
  const headings = lives.map(({ heading }) => heading);
  expect(resourceTypes.map(({ type }) => type).filter((type) => !headings.includes(type))).toEqual([]);
});

let lab: Lab;
afterEach(() => (lab as Lab | undefined)?.close());
const limited = async (world: World, policy?: Policy) => {
  lab = await openLab({ world, credentials: [{ ...defaultCredential, ...(policy && { policy }) }] });
};
const asked = ({ calls }: Emulator) =>
  [...new Set(calls.filter(({ action }) => action !== NEEDS_NONE).map(({ action }) => permissionFor(action)))].sort();

describe.each(lives)("the policy for $heading", ({ heading, beside, world, life }) => {
  const own = policyOf(heading);
  const more = beside === undefined ? [] : policyOf(beside).Statement;
  const beyond = (policy: Policy): Policy => ({ ...policy, Statement: [...policy.Statement, ...more] });
  const isOwn = (action: string) => !more.some(({ Action }) => Action.includes(action));

  it("allows only what it lists", async () => {
    await limited(world());
    expect(await life(lab)).toEqual([]);
    expect(asked(lab.emulator).filter(isOwn)).toEqual([...new Set(actionsIn(own))].sort());
  });

  it("is enough for the full lifecycle", async () => {
    await limited(world(), beyond(own));
    expect(await life(lab)).toEqual([]);
  });

  it.each(oneOf(4, actionsIn(own)))("without %s fails with a sentence that names it", async (action) => {
    await limited(world(), beyond(without(own, action)));
    const errors = await life(lab);
    expect([...errors, ...lab.said.warned].join("\n")).toContain(action);
  });
});

it("keepVersions needs no other permissions than the image itself", async () => {
  await limited(copiedFrom(), policyOf("CustomImage"));
  expect(await versionsLife(lab)).toEqual([]);
  expect(lab.said.warned).toEqual([]);
});
