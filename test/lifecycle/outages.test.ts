import { type Fault, seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, resource } from "../support/lab";

// A network that is gone for some minutes while images are made: nothing fails for good, and the row says what is going
// on.

const MINUTE_MS = 60_000;
const args = { snapshotId: seeds.systemSnapshotId, imageName: "golden" };
const GONE: [string, Fault][] = [
  ["resets every connection", { kind: "reset" }],
  ["answers with a proxy's page", { kind: "answer", status: 502, body: "<html>Bad Gateway</html>" }],
  ["answers 500", { kind: "error", status: 500, code: "InternalError" }],
  ["has too many calls", { kind: "error", status: 400, code: "Throttling.User" }],
];

let lab: Lab;
afterEach(() => lab.close());

/** From the moment that something is being made, every read meets the fault for so long. */
function failsFor(fault: Fault, forMs: number) {
  let sinceMs: number | undefined;
  lab.emulator.intercept = (call, phase) => {
    if (lab.emulator.world.images.size === 0 && call.action !== "CreateImage") return undefined;
    if (phase === "after" && call.action === "CreateImage") sinceMs ??= call.at;
    const isWithin = sinceMs !== undefined && call.at < sinceMs + forMs;
    return phase === "before" && isWithin && call.action.startsWith("Describe") ? fault : undefined;
  };
}

describe.each(FRONTS)("%s", (front) => {
  test.each(GONE)("an image is created although the network %s for ten minutes", async (_, fault) => {
    lab = await openLab({ durations: { createMs: MINUTE_MS } }, {}, { front });
    failsFor(fault, 10 * MINUTE_MS);
    expect(await resource(lab, "CustomImage").up(args)).toEqual({ did: "create" });
    expect(lab.mutations().filter((action) => action === "CreateImage")).toHaveLength(1);
  });

  test("forty images that share their queries are all created", async () => {
    lab = await openLab({ durations: { createMs: MINUTE_MS } }, {}, { front });
    failsFor({ kind: "reset" }, 5 * MINUTE_MS);
    const process = lab.process();
    const names = Array.from({ length: 40 }, (_, n) => `golden-${n}`);
    const all = names.map((name) =>
      process.of("CustomImage").create({ ...args, imageName: name, __urn: `urn:pulumi:dev::p::t::${name}` }),
    );
    expect(await lab.turn(Promise.all(all))).toHaveLength(40);
    await process.end();
  });

  test("the row says that a host does not answer and is retried, and later shows the progress", async () => {
    lab = await openLab({ durations: { createMs: 5 * MINUTE_MS } }, {}, { front });
    failsFor({ kind: "reset" }, MINUTE_MS);
    await resource(lab, "CustomImage").up(args);
    const { host } = new URL(lab.emulator.endpoint);
    const at = lab.said.shown.findIndex((text) => text.startsWith(`no answer from ${host}, trying again`));
    expect(at).toBeGreaterThanOrEqual(0);
    expect(lab.said.shown.slice(at).some((text) => /Creating|Waiting/.test(text))).toBe(true);
  });

  test("longer than the time limit records an unfinished image and the reason, for the next run", async () => {
    lab = await openLab({ durations: { createMs: MINUTE_MS } }, {}, { front });
    const golden = resource(lab, "CustomImage");
    failsFor({ kind: "reset" }, 30 * MINUTE_MS);
    const { error } = await golden.up(args, { timeouts: { create: "10m" } });
    expect(error).toMatch(/is not ready after 10 min.*the last query failed: .*got no usable answer/);
    lab.emulator.intercept = undefined;
    expect(await golden.up(args)).toEqual({ did: "update" });
    expect(lab.mutations().filter((action) => action === "CreateImage")).toHaveLength(1);
  });
});
