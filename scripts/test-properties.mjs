// Runs the tests with random cases again and again, each time with a new seed, until the time is up.
//   npm run test:properties                    one minute
//   npm run test:properties -- --minutes 30    longer
//   npm run test:properties -- --seed 7        this seed, once
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });

const files = readdirSync(path.join(root, "test"), { recursive: true })
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => path.join("test", file))
  .filter((file) => readFileSync(path.join(root, file), "utf8").includes('support/fast-check"'));

const holdsWith = (seed) =>
  spawnSync("npx", ["jest", ...files, "--selectProjects", "unit", "--silent"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, FAST_CHECK_SEED: String(seed) },
  }).status === 0;

const untilMs = Date.now() + Number(options.minutes ?? 1) * 60_000;
const failing = [];
let tried = 0;
do {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  tried += 1;
  if (!holdsWith(seed)) failing.push(seed);
} while (options.seed === undefined && Date.now() < untilMs);
console.log(
  `${tried} seeds tried, ${failing.length} ` +
    `failed${failing.map((seed) => `\n  npm run test:properties -- --seed ${seed}`).join("")}`,
);
process.exit(failing.length === 0 ? 0 : 1);
