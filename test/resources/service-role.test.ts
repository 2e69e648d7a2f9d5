import { seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { openLab, resource } from "../support/lab";

describe.each([
  ["ImageExport", "ExportImage", seeds.exportRole],
  ["ImportedImage", "ImportImage", seeds.importRole],
] as const)("the RAM role of an %s", (kind, action, roleName) => {
  const { world, args } = kinds.find((one) => one.kind === kind)!;

  it("that was made a minute ago is waited for", async () => {
    const lab = await openLab({ world: world() });
    const { roles } = lab.emulator.world;
    const role = roles.get(roleName)!;
    roles.delete(roleName);
    const madeMs = lab.clock.now();
    lab.emulator.intercept = () => void (lab.clock.now() >= madeMs + 60_000 && roles.set(roleName, role));
    expect(await resource(lab, kind).up(args)).toEqual({ did: "create" });
    expect(lab.emulator.calls.filter((call) => call.action === action && call.effect)).toHaveLength(1);
    await lab.close();
  });

  it("that is missing is told after three minutes", async () => {
    const lab = await openLab({ world: world() });
    lab.emulator.world.roles.delete(roleName);
    const startMs = lab.clock.now();
    const { error } = await resource(lab, kind).up(args);
    expect(error).toContain(roleName);
    expect(error).toContain("sts:AssumeRole");
    expect(lab.clock.now() - startMs).toBeLessThan(4 * 60_000);
    await lab.close();
  });
});
