import { seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { openLab, resource } from "../support/lab";

describe.each([
  ["ImageExport", "ExportImage", seeds.exportRole],
  ["ImportedImage", "ImportImage", seeds.importRole],
] as const)("the RAM role of an %s", (kind, action, roleName) => {
  const { world, args } = kinds.find((one) => one.kind === kind)!;

  it("that was created a minute ago is waited for", async () => {
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

  it("that is missing causes an error with its name and the policies that it needs", async () => {
    const lab = await openLab({ world: world() });
    lab.emulator.world.roles.delete(roleName);
    const { error } = await resource(lab, kind).up(args);
    expect(lab.emulator.world.tasks.size).toBe(0);
    expect(error).toContain(roleName);
    expect(error).toContain("sts:AssumeRole");
    await lab.close();
  });
});
