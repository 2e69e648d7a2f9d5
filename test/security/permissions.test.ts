import { readFileSync } from "node:fs";
import path from "node:path";
import { defaultCredential, type Emulator } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type KindName, type Lab, openLab, resource } from "../support/lab";

/** The least that each resource needs is published, and held to what the emulator has seen it ask for. */
const published = readFileSync(path.join(__dirname, "../../docs/permissions.md"), "utf8");

interface Policy {
  Version: string;
  Statement: { Effect: "Allow"; Action: string[]; Resource: string[] }[];
}
const policyOf = (kind: KindName) =>
  JSON.parse(published.split(`## ${kind}\n`)[1]!.split("```json\n")[1]!.split("```")[0]!) as Policy;
const actionsIn = (policy: Policy) => policy.Statement.flatMap(({ Action }) => Action);
const without = (policy: Policy, action: string): Policy => ({
  ...policy,
  Statement: policy.Statement.map((one) => ({ ...one, Action: one.Action.filter((each) => each !== action) })),
});

/** A HEAD is a read of the object, for RAM. */
const permissionFor = (action: string) =>
  /Objects?(V2)?$/.test(action)
    ? `oss:${action.replace("HeadObject", "GetObject").replace("V2", "")}`
    : `ecs:${action}`;

const creatingActionOf = {
  CustomImage: "CreateImage",
  ImportedImage: "ImportImage",
  ImageExport: "ExportImage",
} as const;

/** All that a resource of this kind does in its life, every feature of it, and what follows a crash. Returns every error on the way. */
async function wholeLife(lab: Lab, kind: KindName): Promise<string[]> {
  const { args, amended, replaced } = kinds.find((one) => one.kind === kind)!;
  const one = resource(lab, kind);
  const errors: string[] = [];
  const note = async (outcome: Promise<{ error?: string }>) => {
    const { error } = await outcome.catch((thrown: Error) => ({ error: thrown.message }));
    if (error !== undefined) errors.push(error);
  };
  const full =
    kind === "CustomImage"
      ? { ...amended, resourceGroupId: "rg-another" }
      : kind === "ImportedImage"
        ? { ...amended, trackSource: true }
        : amended;

  lab.emulator.world.resourceGroups.set("rg-another", { resourceGroupId: "rg-another", name: "another" });
  await note(one.up(args));
  await note(one.up(full));
  await note(one.refresh());
  await note(one.up({ ...replaced, imageName: full.imageName }));
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

let lab: Lab;
afterEach(() => lab.close());
const limited = async (kind: KindName, policy?: Policy) => {
  lab = await openLab({
    world: kinds.find((one) => one.kind === kind)!.world(),
    credentials: [{ ...defaultCredential, ...(policy && { policy }) }],
  });
};
const asked = ({ calls }: Emulator) => [...new Set(calls.map(({ action }) => permissionFor(action)))].sort();

describe.each(["CustomImage", "ImportedImage", "ImageExport"] as const)("the policy for a %s", (kind) => {
  it("allows what it asks for, and nothing else", async () => {
    await limited(kind);
    expect(await wholeLife(lab, kind)).toEqual([]);
    expect(asked(lab.emulator)).toEqual([...new Set(actionsIn(policyOf(kind)))].sort());
  });

  it("is enough for its whole life", async () => {
    await limited(kind, policyOf(kind));
    expect(await wholeLife(lab, kind)).toEqual([]);
  });

  it.each(actionsIn(policyOf(kind)))("without %s fails with a sentence that names it", async (action) => {
    await limited(kind, without(policyOf(kind), action));
    const errors = await wholeLife(lab, kind);
    expect([...errors, ...lab.said.warned].join("\n")).toContain(action);
  });
});
