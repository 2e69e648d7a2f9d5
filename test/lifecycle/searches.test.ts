import type { Call, Fault } from "../../emulator";
import { kinds } from "../support/kinds";
import { type Lab, openLab, resource } from "../support/lab";

/** A search for what is our own must not take a row that it cannot read for a row that is not there. */
let lab: Lab;
afterEach(() => lab.close());

const rows = (...list: object[]): Fault => ({
  kind: "answer",
  status: 200,
  body: JSON.stringify({ TotalCount: list.length, Images: { Image: list } }),
});
const stranger = { ImageId: "m-stranger", ImageName: "theirs", Status: "Available" };
const unreadable = { ImageId: "m-unreadable", Status: 7 };
const named = ({ action, params }: Call) => action === "DescribeImages" && params["ImageName"] !== undefined;
const pending = ({ action, params }: Call) =>
  action === "DescribeImages" && Object.values(params).includes("pulumi-alicloud-image:pending");

describe.each(kinds.filter(({ kind }) => kind !== "ImageExport"))("$kind", ({ kind, args, replaced, world }) => {
  beforeEach(async () => {
    lab = await openLab({ world: world() });
  });

  it("creates nothing while a page of the search for an interrupted run's image has a row that cannot be read", async () => {
    lab.emulator.intercept = (call, phase) =>
      phase === "before" && pending(call) ? rows(stranger, unreadable) : undefined;
    const image = resource(lab, kind);
    expect((await image.up(args)).error).toMatch(/cannot be read, so nothing is certain/);
    expect(lab.mutations()).toEqual([]);
    lab.emulator.intercept = undefined;
    expect(await image.up(args)).toEqual({ did: "create" });
  });

  it("renames nothing while the holder of a name may be the row that cannot be read", async () => {
    const image = resource(lab, kind);
    await image.up({ ...args, imageName: "golden-base" });
    lab.emulator.intercept = (call, phase) =>
      phase === "before" && named(call) ? rows(stranger, unreadable) : undefined;
    expect((await image.up({ ...replaced, imageName: "golden-base" })).error).toMatch(/cannot be read/);
    expect(lab.emulator.world.images.get(image.state!.id)).toMatchObject({ imageName: "golden-base" });
  });
});

it("a cancelled operation asks OSS for nothing", async () => {
  lab = await openLab({ world: kinds[0]!.world() });
  const signal = AbortSignal.abort();
  const operation = { urn: "", doing: "exporting", regionId: undefined, timeoutMs: 60_000, signal };
  const { oss } = lab.process().session.contextFor(operation);
  await expect(oss().headObject("golden-images", "a-file")).rejects.toMatchObject({ kind: "Cancelled" });
  expect(lab.emulator.calls).toEqual([]);
});

it.each([true, false])(
  "a read that the cloud does not answer ends with the run (list cache: %s)",
  async (mayReadCached) => {
    lab = await openLab({ world: kinds[0]!.world() });
    const run = new AbortController();
    const asked = new Promise<void>((resolve) => {
      lab.emulator.intercept = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const operation = { urn: "", doing: "reading it", regionId: undefined, timeoutMs: 60_000, signal: run.signal };
    const read = lab
      .process()
      .session.contextFor({ ...operation, mayReadCached })
      .images.read("m-exportable");
    const failed = expect(read).rejects.toMatchObject({
      kind: "Cancelled",
      message: "reading it: the run was cancelled",
    });
    await lab.turn(asked);
    run.abort();
    await failed;
  },
);
