import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { isReached, type Line, tableOf } from "./line";
import { emulatorSpeed } from "./measures/emulator-speed";
import { engineScale } from "./measures/engine-scale";
import { everywhere } from "./measures/everywhere";
import { hosts } from "./measures/hosts";
import { loading, providerText } from "./measures/loading";
import { lookUps } from "./measures/looking-up";
import { pendingMemory } from "./measures/pending-memory";
import { noChange, refreshes } from "./measures/refreshing";
import { testing } from "./measures/testing";
import { type AtParallel, hundredImages, oneImage, parallels, throttledImages } from "./measures/waiting";
import { type Life, wholeLife } from "./measures/whole-life";

// npm run bench                       the tables
// npm run bench -- engineScale hosts  only these measures
// npm run bench -- --json             the same as JSON, with every call of an image's life

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});

const measures: Record<string, () => Promise<Line[]>> = {
  oneImage,
  hundredImages,
  throttledImages,
  refreshes,
  noChange,
  lookUps,
  everywhere,
  testing,
  loading,
  providerText,
  pendingMemory,
  emulatorSpeed,
  engineScale,
  hosts,
};

async function bench(): Promise<void> {
  const unknown = names.filter((name) => !(name in measures));
  if (unknown.length > 0)
    throw new Error(`No measure ${unknown.join(", ")}. There are ${Object.keys(measures).join(", ")}`);
  const lines: Line[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const startMs = performance.now();
    lines.push(...(await measure()));
    console.error(`${name} measured in ${Math.round((performance.now() - startMs) / 1_000)} s`);
  }
  if (names.length > 0) return console.log(options.json ? JSON.stringify({ lines }, undefined, 2) : tableOf(lines));
  const life = await wholeLife();
  lines.push(...life.lines);
  const scale = await parallels();
  const machine = {
    cores: cpus().length,
    cpu: cpus()[0]!.model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  if (options.json)
    return console.log(
      JSON.stringify(
        { machine, lines: lines.map((line) => ({ ...line, reached: isReached(line) })), life: life.steps, scale },
        undefined,
        2,
      ),
    );
  console.log(`\nNode ${machine.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB\n`);
  console.log(tableOf(lines));
  console.log(`\nCalls in an image's life:\n\n${lifeTable(life.steps)}`);
  console.log(`\n200 new images of 60 s, 10 calls/s an action:\n\n${scaleTable(scale)}`);
}

const markdown = (rows: readonly (readonly (string | number)[])[]) =>
  rows.map((row, n) => `| ${row.join(" | ")} |${n === 0 ? `\n|${" --- |".repeat(row.length)}` : ""}`).join("\n");

const lifeTable = (steps: readonly Life[]) =>
  markdown([
    ["step", "this package", "plain provider"],
    ...steps.map(({ step, ours, plain }) => [step, counted(ours), counted(plain)]),
  ]);

/** `CreateImage, 9 x DescribeImages`: in the order of their first call. */
const counted = (actions: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const action of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].map(([action, count]) => (count === 1 ? action : `${count} x ${action}`)).join(", ") || "none";
};

const scaleTable = (rows: readonly AtParallel[]) =>
  markdown([
    ["--parallel", "all known after", "plain", "calls", "plain", "throttled", "plain"],
    ...rows.map(({ parallel, ours, plain }) => [
      parallel,
      `${Math.round(ours.totalS)} s`,
      `${Math.round(plain.totalS)} s`,
      ours.calls,
      plain.calls,
      `${ours.throttledPercent.toFixed(1)} %`,
      `${plain.throttledPercent.toFixed(1)} %`,
    ]),
  ]);

void bench().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
