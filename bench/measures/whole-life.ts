import { isRead } from "../../emulator/request/action";
import { inputsOf, type Props, type Side } from "../inputs";
import type { Line } from "../line";
import { openStage } from "../stage";

export interface Life {
  readonly step: string;
  readonly ours: readonly string[];
  readonly plain: readonly string[];
}

/** Create, no-change up, refresh and destroy of one image of 60 s, each in a process of its own, as with the engine. */
export async function wholeLife(): Promise<{ lines: Line[]; steps: Life[] }> {
  const [ours, plain] = [await lived("ours"), await lived("plain")];
  const steps = Object.keys(ours).map((step) => ({ step, ours: ours[step]!, plain: plain[step]! }));
  const count = (side: Side, queries: boolean) =>
    steps.flatMap((step) => step[side]).filter((action) => isRead(action) === queries).length;
  const what = "An image's whole life (create, no-change up, refresh, destroy)";
  return {
    steps,
    lines: [
      { what: `${what}: calls besides queries`, unit: "", ours: count("ours", false), plain: count("plain", false) },
      { what: `${what}: queries`, unit: "", ours: count("ours", true), plain: count("plain", true) },
    ],
  };
}

async function lived(side: Side): Promise<Record<string, string[]>> {
  const stage = await openStage();
  const calls: Record<string, string[]> = {};
  const inputs = inputsOf(1);
  let id = "";
  let outs: Props = {};
  const step = async (
    name: string,
    work: (provider: ReturnType<typeof stage.process>["provider"]) => Promise<unknown>,
  ) => {
    const { provider, end } = stage.process(side);
    await stage.turn(work(provider));
    await stage.turn(end());
    calls[name] = stage.actions();
  };
  try {
    await step("create", async (provider) => {
      await provider.check({}, inputs);
      ({ id, outs } = await provider.create(inputs));
    });
    await step("no-change up", async (provider) => {
      await provider.check(inputs, inputs);
      await provider.diff(id, outs, inputs);
    });
    await step("refresh", async (provider) => {
      const { props } = await provider.read(id, outs);
      await provider.diff(id, props, inputs);
    });
    await step("destroy", (provider) => provider.delete(id, outs));
    return calls;
  } finally {
    await stage.close();
  }
}
