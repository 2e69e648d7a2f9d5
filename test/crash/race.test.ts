import { kinds } from "../support/kinds";
import { type Lab, openLab, type Props, resource, urnOf } from "../support/lab";
import { type Before, ownImages, strangersIn, verdict } from "./holds";

/** Races that no order of calls excludes: two runs at once, a call that arrives late, lists that lag behind. */
describe.each(kinds.filter(({ kind }) => kind !== "ImageExport"))("a $kind", ({ kind, args, world }) => {
  const { imageName: _none, ...unnamed } = args;
  const creation = kind === "CustomImage" ? "CreateImage" : "ImportImage";
  let lab: Lab;
  let before: Before;
  beforeEach(async () => {
    lab = await openLab({ world: world() });
    before = { kind, urn: urnOf(kind, "golden"), strangers: strangersIn(lab.emulator.world) };
  });
  afterEach(() => lab.close());

  /** Kills the first run as soon as its creation took effect, which lists do not show for some time. */
  async function killedUnseen(wanted: Props, hiddenForMs: number) {
    lab.emulator.world.scenarios.push({ for: creation, hiddenForMs });
    lab.emulator.intercept = ({ action, accessKeyId }, phase) => {
      const [first] = lab.processes;
      if (accessKeyId !== first!.accessKeyId || action !== creation || phase === "before") return undefined;
      first!.kill("engine");
      return { kind: "reset" };
    };
    const it = resource(lab, kind);
    await it.up(wanted);
    expect(await it.up(wanted)).toEqual({ did: "create" });
    return it;
  }

  /** Kills the first run during its creating call. The call then arrives shortly before or after the second run's. */
  async function killedLate(wanted: Props, arrives: "before" | "after") {
    let send = (): void => undefined;
    const due = new Promise<void>((resolve) => (send = resolve));
    let land = (): void => undefined;
    const landed = new Promise<void>((resolve) => (land = resolve));
    lab.emulator.intercept = async ({ action, accessKeyId }, phase) => {
      if (action !== creation) return undefined;
      const [first] = lab.processes;
      if (accessKeyId === first!.accessKeyId) {
        if (phase === "after") land();
        first!.kill("engine");
        if (phase === "before") await due;
        return phase === "after" ? { kind: "reset" } : undefined;
      }
      if (phase === arrives) {
        send();
        await landed;
      }
      return undefined;
    };
    const it = resource(lab, kind);
    await it.up(wanted);
    expect(await it.up(wanted)).toEqual({ did: "create" });
    return it;
  }

  it.each([
    ["a name of its own", args],
    ["an automatic name", unnamed],
  ])("with %s is one image even when the lists lag behind the creation by half a minute", async (_name, wanted) => {
    const it = await killedUnseen(wanted, 30_000);
    expect(verdict(lab, before, it, wanted, wanted, "nothing").violations).toEqual([]);
  });

  it("is one image if the killed run's call arrives between the next run's search and creation", async () => {
    const it = await killedLate(unnamed, "before");
    expect(verdict(lab, before, it, unnamed, unnamed, "nothing").violations).toEqual([]);
  });

  it("leaves a second image, and names it, if the killed run's call arrives even later", async () => {
    const it = await killedLate(unnamed, "after");
    expect(ownImages(lab, before.urn)).toHaveLength(2);
    expect(verdict(lab, before, it, unnamed, unnamed, "named").violations).toEqual([]);
  });

  it("made by two runs at once, without a lock, is one image, in both states", async () => {
    const [one, two] = [resource(lab, kind), resource(lab, kind)];
    const both = await Promise.all([one.up(unnamed), two.up(unnamed)]);
    expect(both).toEqual([{ did: "create" }, { did: "create" }]);
    expect(one.state!.id).toBe(two.state!.id);
    expect(ownImages(lab, before.urn).map(({ imageId }) => imageId)).toEqual([one.state!.id]);
  });
});
