import { spawnSync } from "node:child_process";
import path from "node:path";
import { type Line, median } from "../line";

const root = path.resolve(__dirname, "../..");
const ROUNDS = 11;

const ENTRY = `require("./dist/provider/hosts/dynamic/entry.js")`;
const SDK = `require("@alicloud/ecs20140526")`;
const CLIENT = `require("@alicloud/openapi-util")`;
const PULUMI = `require("@pulumi/pulumi")`;
/**
 * Measured within the process, because a program that loads Pulumi takes so long to start that the rest would not show.
 */
const timed = (before: string, code: string) =>
  `${before}; const from = performance.now(); ${code}; process.stdout.write(String(performance.now() - from))`;

/**
 * How long this package and the ECS SDK take to load. Each loads in node processes of its own, by turns, so that other
 * load on the machine affects all alike.
 */
export async function loading(): Promise<Line[]> {
  return [...inBareNode(), besidePulumi()];
}

function inBareNode(): Line[] {
  const program = { bare: "", entry: ENTRY, entryCalling: `${ENTRY}; ${CLIENT}; import("p-retry")`, sdk: SDK };
  const runs = rounds(
    () =>
      Object.fromEntries(Object.entries(program).map(([name, code]) => [name, run(code)])) as Record<
        keyof typeof program,
        Run
      >,
  );
  const beyond = (name: keyof typeof program, of: "ms" | "mb") =>
    median(runs.map((round) => round[name][of])) - median(runs.map((round) => round.bare[of]));
  const line = (what: string, name: keyof typeof program, of: "ms" | "mb"): Line => ({
    what,
    unit: { ms: "ms", mb: "MB" }[of],
    ours: beyond(name, of),
    plain: beyond("sdk", of),
  });
  return [
    { ...line("Provider's entry module in a fresh node process: time over bare node", "entry", "ms"), aim: 80 },
    { ...line("Provider's entry module in a fresh node process: memory over bare node", "entry", "mb"), aim: 20 },
    line("... with what the first call loads: time", "entryCalling", "ms"),
    line("... with what the first call loads: memory", "entryCalling", "mb"),
  ];
}

function besidePulumi(): Line {
  const library = rounds(() => ({
    ours: Number(run(timed(PULUMI, `require("./dist/provider/index.js")`)).out),
    plain: Number(run(timed(PULUMI, SDK)).out),
  }));
  return {
    what: "Library in a program that has loaded @pulumi/pulumi",
    unit: "ms",
    ours: median(library.map(({ ours }) => ours)),
    plain: median(library.map(({ plain }) => plain)),
    aim: 15,
  };
}

/** The length of the provider's code, which Pulumi keeps in the state of every resource. */
export async function providerText(): Promise<Line[]> {
  const { out: ours } = run(`
    ${PULUMI};
    const registration = require("./dist/provider/program/registration.js");
    const entries = ["customImage", "importedImage", "imageExport", "imageCopy", "imageSharePermission"];
    const texts = entries.map((entry) => {
      const registered = registration.properties({ type: "T", entry, outputs: [] }, "golden", {}, { id: "m-1" });
      return registered.__provider;
    });
    process.stdout.write(String(Math.max(...texts.map(({ length }) => length))))`);
  const { out: plain } = run(`
    require("./bench/typescript.cjs");
    const pulumi = ${PULUMI};
    const { plainProvider } = require("./bench/plain.ts");
    const clock = { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
    const keys = { accessKeyId: "id", accessKeySecret: "secret" };
    const provider = () => plainProvider({ endpoint: "http://127.0.0.1:1", regionId: "cn-hangzhou", ...keys }, clock);
    pulumi.runtime.serializeFunction(provider).then(({ text }) => process.stdout.write(String(text.length)))`);
  return [
    {
      what: "__provider in each resource's state",
      unit: "characters",
      ours: Number(ours),
      plain: Number(plain),
      aim: 600,
    },
  ];
}

interface Run {
  readonly ms: number;
  readonly mb: number;
  readonly out: string;
}

const rounds = <T>(once: () => T): T[] => {
  once(); // the first run reads the files from disk
  return Array.from({ length: ROUNDS }, once);
};

function run(code: string): Run {
  const reportMemory =
    `process.on("exit", () => require("node:fs").writeSync(2, ` + "String(process.resourceUsage().maxRSS)))";
  const startMs = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", `${reportMemory}; ${code}`], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return { ms: performance.now() - startMs, mb: (Number(stderr) * 1024) / 1e6, out: stdout };
}
