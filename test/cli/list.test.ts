import { list } from "../../cli/list";
import { seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { type Lab, openLab, resource } from "../support/lab";
import { callCommand, exported } from "./terminal";

const { args, replaced, world } = kinds.find(({ kind }) => kind === "CustomImage")!;
const DAY_MS = 86_400_000;

let lab: Lab;
beforeEach(async () => void (lab = await openLab({ world: world() })));
afterEach(() => lab.close());

const called = (...options: string[]) => callCommand(list, lab, options);
const images = async (...options: string[]) => {
  const { code, out, said } = await called("--json", ...options);
  if (code === 2) throw new Error(said);
  return { code, images: (JSON.parse(out) as { images: Record<string, unknown>[] }).images };
};

/** Two images of a resource, the older a version that an instance uses. */
async function versions() {
  const golden = resource(lab, "CustomImage");
  await golden.up({ ...args, keepVersions: 1 });
  const old = golden.state!.id;
  await lab.clock.advance(10 * DAY_MS);
  await golden.up({ ...replaced, keepVersions: 1 });
  const [instance] = lab.emulator.world.instances.values();
  instance!.imageId = old;
  return { golden, old, now: golden.state!.id };
}

test("an account without images of this package has none, and the account and the regions are named", async () => {
  const { code, out } = await called();
  expect([code, out]).toEqual([0, "No images in cn-hangzhou of account 1234567890123456."]);
});

test("every image is listed with its stack, version, age, use, shares, size and cost", async () => {
  const { golden, old, now } = await versions();
  lab.emulator.world.images.get(old)!.sharedWith.push("2222222222222222");
  const { code, images: found } = await images("--price", "0.5");
  expect(code).toBe(0);
  expect(found).toEqual([
    expect.objectContaining({ imageId: now, version: 0, isUsed: false, sharedWith: 0, regionId: seeds.regionId }),
    expect.objectContaining({ imageId: old, version: 1, isUsed: true, sharedWith: 1, status: "Deprecated" }),
  ]);
  const [first] = found;
  expect(first!["costAMonth"]).toBe(Number(first!["gib"]) * 0.5);
  expect(first!["resource"]).toMatch(/^[0-9a-f]{16}$/);

  const state = exported([{ kind: "CustomImage", recorded: golden.state! }]);
  const { out } = await callCommand(list, lab, ["--state", "-"], { input: state });
  expect(out).toMatch(new RegExp(`^golden +dev +golden +cn-hangzhou +${now} +Available +present`, "m"));
  expect(out).toMatch(new RegExp(`^golden +dev +golden +cn-hangzhou +${old} +Deprecated +-1 +10d`, "m"));
});

test("images of any stack are marked as tested if they passed their test, and no others", async () => {
  const { vSwitchId, securityGroupId } = seeds;
  const test_ = { command: "true", vSwitchId, securityGroupId };
  await resource(lab, "CustomImage", "tested").up({ instanceId: seeds.instanceId, test: test_ });
  await resource(lab, "CustomImage", "plain").up({ instanceId: seeds.instanceId });
  const found = (await images()).images;
  expect(found.map(({ imageName, tested }) => [String(imageName).split("-")[0], tested]).sort()).toEqual([
    ["plain", false],
    ["tested", true],
  ]);
  expect((await called()).out).toMatch(/TESTED[\s\S]*yes/);
});

test("the exit code tells a nightly job that an image is old or unused", async () => {
  const { old, now } = await versions();
  expect(await images("--older-than", "5d")).toMatchObject({ code: 1, images: [{ imageId: old }] });
  expect(await images("--unused")).toMatchObject({ code: 1, images: [{ imageId: now }] });
  expect(await images("--unused", "--older-than", "5d")).toEqual({ code: 0, images: [] });
});

test("a region that cannot be asked is an error, not an empty list", async () => {
  await versions();
  lab.emulator.intercept = (_call, phase) =>
    phase === "before" ? { kind: "error", status: 403, code: "Forbidden.RAM" } : undefined;
  expect(await called()).toMatchObject({ code: 2, said: expect.stringContaining("Forbidden.RAM") });
});

test.each([["--price", "much"], ["--older-than", "old"], ["--delete"]])(
  "wrong options %s are reported in one sentence",
  async (...options) => {
    const { code, said } = await called(...options);
    expect([code, said.split("\n").length]).toEqual([2, 1]);
  },
);
