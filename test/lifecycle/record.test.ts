import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { inputsOf, type Lab, openLab, type Props } from "../support/lab";

let lab: Lab;
afterEach(() => lab.close());

it.each(FRONTS)(
  "refuses a state that a later release wrote, and changes nothing, through the %s host",
  async (front) => {
    lab = await openLab({}, {}, { front });
    const inputs = inputsOf("CustomImage", "golden", { instanceId: seeds.instanceId, imageName: "golden" });
    const { id, outs } = await lab.turn(lab.process().of("CustomImage").create(inputs));
    const newer: Props = { ...outs, __record: { ...(outs["__record"] as Props), version: 2 } };
    const before = lab.mutations();
    const provider = lab.process().of("CustomImage");
    for (const run of [
      () => provider.diff(id, newer, inputs),
      () => provider.read(id, newer),
      () => provider.update(id, newer, inputs),
      () => provider.delete(id, newer),
    ])
      await expect(lab.turn<unknown>(Promise.resolve().then((): Promise<unknown> => run()))).rejects.toThrow(
        /a later release .* wrote the state .*Install that release/,
      );
    expect(lab.mutations()).toEqual(before);
  },
);
