import { recoverable } from "../support/kinds";
import { inputsOf, openLab } from "../support/lab";

/** The engine may be killed after a creation has returned and before it has written that to the state. */
describe.each(recoverable)("$kind", ({ kind, args, world }) => {
  it("that was returned to an engine that wrote nothing is found by the next up", async () => {
    const lab = await openLab({ world: world() });
    const { imageName: _found, ...unnamed } = args; // a name would be another way to find it
    const inputs = inputsOf(kind, "golden", unnamed);
    const { id } = await lab.turn(lab.process().of(kind).create(structuredClone(inputs)));
    const next = lab.process();
    expect(await lab.turn(next.of(kind).create(structuredClone(inputs)))).toMatchObject({ id });
    await next.end();
    await lab.close();
  });
});
