import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { nightly } from "../support/sample";
import { openStack } from "./support";

// What the engine does to a dynamic provider, and so what this package relies on, seen with a provider that only
// records its calls.

const place = mkdtempSync(path.join(tmpdir(), "probe-"));
const thingsFile = path.join(place, "things.json");
const callsFile = path.join(place, "calls");
const type = "pulumi-nodejs:dynamic/rig:Probe";

class Probe extends pulumi.CustomResource {
  declare readonly state: pulumi.Output<string>;
  constructor(name: string, args: { kind: string; text: string }, opts?: pulumi.CustomResourceOptions) {
    const __provider =
      `exports.handler = () => require("node:module").createRequire(process.cwd() + ` + `"/")("probe").provider`;
    super(
      type,
      name,
      { state: undefined, ...args, __urn: pulumi.createUrn(name, type, opts?.parent), __provider },
      opts,
    );
  }
}

interface Called {
  method: string;
  id?: string;
  olds?: Record<string, unknown>;
  news?: Record<string, unknown>;
  pid: number;
  cwd: string;
}

let marker = 0;
/** The calls since it was last asked. */
function calls(): Called[] {
  const lines = readFileSync(callsFile, "utf8").split("\n").slice(0, -1);
  const news = lines.slice(marker).map((line) => JSON.parse(line) as Called);
  marker = lines.length;
  return news;
}
const methods = () => calls().map(({ method }) => method);
const things = () => JSON.parse(readFileSync(thingsFile, "utf8")) as Record<string, { kind: string; text: string }>;
const open = (name: string, program: () => void) =>
  openStack(name, async () => program(), {
    packages: { probe: path.join(__dirname, "probe") },
    env: { PROBE_THINGS: thingsFile, PROBE_CALLS: callsFile },
  });

afterAll(() => rmSync(place, { recursive: true, force: true }));
beforeEach(() => {
  writeFileSync(thingsFile, "{}");
  writeFileSync(callsFile, "");
  marker = 0;
});

nightly("a provider with a fixed name goes through the full lifecycle, from a creation to a destroy", async () => {
  let args = { kind: "a", text: "one" };
  const stack = await open("life", () => void new Probe("it", args));

  expect((await stack.up()).steps).toEqual([["create", "it"]]);
  const [made] = stack.state().resources;
  expect(made).toMatchObject({ id: "thing-1", outputs: { state: "made" } });
  expect(made?.inputs.__urn).toBe(made?.urn);
  expect(calls()).toMatchObject([
    { method: "check", olds: {} },
    { method: "create", cwd: stack.folder },
    { method: "SIGINT" },
  ]);

  expect((await stack.up()).changes).toEqual({ same: 2 });
  expect(methods()).toEqual(["check", "diff", "SIGINT"]);

  args = { kind: "a", text: "two" };
  expect((await stack.up()).steps).toEqual([["update", "it"]]);
  calls();

  writeFileSync(thingsFile, JSON.stringify({ "thing-1": { ...args, text: "drifted" } }));
  expect((await stack.refresh()).error).toBeUndefined();
  expect(stack.state().resources[0]?.outputs.text).toBe("drifted");
  expect(calls()).toMatchObject([
    { method: "read" },
    { method: "diff", olds: { text: "drifted" }, news: { text: "two" } },
    { method: "SIGINT" },
  ]);
  await stack.up();
  expect(things()["thing-1"]?.text).toBe("two");
  calls();

  args = { kind: "b", text: "two" };
  await stack.up();
  expect(methods()).toEqual(["check", "diff", "check", "create", "delete", "SIGINT"]);

  await stack.destroy();
  expect(things()).toEqual({});
  expect(stack.state().resources).toEqual([]);
});

nightly("an unfinished resource is recorded, and the next up calls update", async () => {
  let text = "unfinished";
  const stack = await open("unfinished", () => void new Probe("it", { kind: "a", text }));
  const failed = await stack.up();
  expect(failed.error).toBeDefined();
  expect(failed.messages.find((message) => message.name === "it")?.text).toContain("not yet made");
  expect(stack.state().resources).toMatchObject([
    { id: "thing-1", initErrors: ["not yet made"], outputs: { state: "half" } },
  ]);

  calls();
  expect((await stack.up()).steps).toEqual([["update", "it"]]);
  expect(methods()).toEqual(["check", "diff", "update", "SIGINT"]);

  text = "unfinished";
  await stack.destroy();
});

nightly("--replace calls check and create without old inputs", async () => {
  const stack = await open("again", () => void new Probe("it", { kind: "a", text: "one" }));
  await stack.up();
  calls();
  await stack.up({ replace: [stack.state().resources[0]!.urn] });
  expect(calls()).toMatchObject([
    { method: "check", olds: {} },
    { method: "create" },
    { method: "delete", id: "thing-1" },
    { method: "SIGINT" },
  ]);
});

test("a killed engine leaves a lock, an open creation and the provider; a killed provider no record", async () => {
  let text = "endless";
  const stack = await open("killed", () => void new Probe("it", { kind: "a", text }));

  for (const victim of ["engines", "providers"] as const) {
    const running = stack.up();
    while (!methods().includes("create")) await new Promise((resolve) => setTimeout(resolve, 50));
    const before = stack.processes();
    expect(before).toMatchObject({ engines: [expect.any(Number)], providers: [expect.any(Number)] });
    for (const pid of before[victim]) process.kill(pid, "SIGKILL");
    expect((await running).error).toBeDefined();

    const after = stack.processes();
    expect(after).toEqual({ engines: [], providers: victim === "engines" ? before.providers : [] });
    expect(stack.state().pending).toEqual(victim === "engines" ? ["creating"] : []);
    expect(stack.state().resources).toEqual([]);
    if (victim === "engines") {
      expect((await stack.up()).stderr).toContain("currently locked");
      await stack.cancel();
      for (const pid of after.providers) process.kill(pid, "SIGKILL");
      await stack.refresh({ clearPendingCreates: true });
    }
    calls();
  }

  text = "one";
  expect((await stack.up()).error).toBeUndefined();
});
