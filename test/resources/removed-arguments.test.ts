import { kinds } from "../support/kinds";
import { type Lab, openLab, type Props, type ResourceName, resource } from "../support/lab";

// An argument whose change replaces, given once and then removed from the program.

let lab: Lab;
afterEach(() => lab.close());

const argsOf = (name: ResourceName): Props => kinds.find(({ kind }) => kind === name)!.args as Props;

async function removed(kind: "ImportedImage" | "ImageExport", argument: string, value: unknown) {
  const found = kinds.find((one) => one.kind === kind)!;
  lab = await openLab({ world: found.world() });
  const license = argument === "osType" ? { licenseType: "BYOL" } : {}; // a Windows must name one
  const { [argument]: _, ...without } = { ...argsOf(kind), ...license } as Props;
  const one = resource(lab, kind);
  expect((await one.up({ ...without, [argument]: value })).error).toBeUndefined();
  const outcome = await one.up(without);
  const again = await one.up(without);
  await one.refresh();
  return {
    outcome: outcome.did,
    settled: [again.did, (await one.up(without)).did],
    value: one.state!.outputs[argument],
  };
}

test.each([
  ["ImportedImage", "osType", "windows", "linux"],
  ["ImportedImage", "triggers", ["2026-01"], undefined],
  ["ImageExport", "ossPrefix", "golden", undefined],
  ["ImageExport", "triggers", ["2026-01"], undefined],
] as const)("of %s: %s returns to its default by one replacement", async (kind, argument, value, left) => {
  const { outcome, settled, value: now } = await removed(kind, argument, value);
  expect({ outcome, settled }).toEqual({ outcome: "replace", settled: ["same", "same"] });
  if (left !== undefined) expect(now).toBe(left);
});

test.each([
  ["ImportedImage", "osType", "linux"],
  ["ImportedImage", "architecture", "x86_64"],
  ["ImageExport", "imageFormat", "raw"],
] as const)("of %s: %s that has its default already changes nothing", async (kind, argument, value) => {
  expect(await removed(kind, argument, value)).toMatchObject({ outcome: "same", settled: ["same", "same"] });
});
