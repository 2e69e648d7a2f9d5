// Writes docs/picture.svg: a recording of `pulumi up` with the program of the README, killed half way and run again, on
// a real engine and an emulated cloud. The engine runs in a terminal (util-linux's `script`), and a terminal emulator
// tells what was on the screen at each moment. Nothing is drawn by hand. The picture leaves out the column Type, the
// stack's row, the summary at the end, and the time in which Node.js starts.
//   npm run picture
import { execFileSync, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { emulatedEnvironment } from "./emulated-environment.mjs";
import { engine } from "./engine.mjs";
import { serveLanguageHost } from "./language-host.mjs";

const require = createRequire(import.meta.url);
const { Terminal } = require("@xterm/headless");
const { startEmulator } = require("pulumi-alicloud-image/emulator");

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Columns and rows of the terminal. The picture is narrower, because it leaves out the column Type. */
const columns = 150;
const shownColumns = 76;
const rows = 12;

/** The first TypeScript program of the README, in a project of its own. */
async function makeProject(folder) {
  const program = /```ts\n([\s\S]*?)```/.exec(await readFile(path.join(root, "README.md"), "utf8"))[1];
  await mkdir(path.join(folder, "node_modules/@pulumi"), { recursive: true });
  await symlink(root, path.join(folder, "node_modules/pulumi-alicloud-image"), "dir");
  for (const name of ["@pulumi/pulumi", "typescript", "ts-node"])
    await symlink(path.join(root, "node_modules", name), path.join(folder, "node_modules", name), "dir");
  await writeFile(path.join(folder, "index.ts"), program);
  await writeFile(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "images", private: true, main: "index.ts" }),
  );
  await writeFile(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { module: "nodenext", strict: true } }),
  );
  await writeFile(path.join(folder, "Pulumi.yaml"), "name: images\nruntime: nodejs\n");
}

/**
 * Opens a terminal in which commands run one after another. It keeps every screen that they showed, with its time in
 * milliseconds.
 */
function openTerminal({ cwd, env }) {
  const terminal = new Terminal({ cols: columns, rows: 60, allowProposedApi: true, scrollback: 1_000 });
  let screens = [];
  let written = Promise.resolve();
  const write = (data) => {
    const atMs = performance.now();
    written = written
      .then(() => new Promise((done) => terminal.write(data, done)))
      .then(() => void screens.push({ atMs, lines: linesOf(terminal.buffer.active) }));
    return written;
  };
  /** Types the command `shown` and runs `command`. Returns the screens, and whether the command succeeded. */
  return async function run(shown, command, whileRunning = () => undefined) {
    await write(`\u001b[1m$ ${shown}\u001b[0m\r\n`);
    screens = screens.slice(-1);
    const child = spawn("script", ["-qefc", `stty cols ${columns} rows 60; exec ${command}`, "/dev/null"], {
      cwd,
      env,
    });
    child.stdout.on("data", write);
    whileRunning(child, () => textOf(screens.at(-1).lines));
    const code = await new Promise((resolve) => child.on("close", resolve));
    if (code !== 0) await write("Killed\r\n");
    await written;
    return { code, screens };
  };
}

const textOf = (lines) =>
  lines.map((line) => line.reduce((shown, { x, text }) => shown.padEnd(x) + text, "")).join("\n");

/** What the terminal shows without the column Type and the stack's row: for each line, runs of text in one style. */
function linesOf(buffer) {
  const lines = Array.from({ length: buffer.length }, (_, y) => cellsOf(buffer.getLine(y)));
  let cut;
  return lines.flatMap((cells) => {
    const text = cells.map((cell) => cell.text).join("");
    const header = /^ +(?=Type +Name)(.*?)(?=Name)/.exec(text);
    if (header) cut = { from: header[0].length - header[1].length, to: header[0].length };
    if (!text.startsWith(" ") || text.trim() === "") cut = undefined;
    if (text.includes("pulumi:pulumi:Stack ")) return [];
    return [runsOf(cut ? cells.toSpliced(cut.from, cut.to - cut.from) : cells)];
  });
}

const cellsOf = (line) =>
  Array.from({ length: columns }, (_, x) => {
    const cell = line.getCell(x);
    const style = `${cell.isFgPalette() ? `c${cell.getFgColor()}` : ""}${cell.isBold() ? " b" : ""}`.trim();
    return { style, text: cell.getChars() || " " };
  });

function runsOf(cells) {
  const runs = [];
  for (const [x, { style, text }] of cells.entries()) {
    const last = runs.at(-1);
    if (last?.style === style) last.text += text;
    else runs.push({ x, style, text });
  }
  return runs.filter(({ text }) => text.trim() !== "").map((run) => ({ ...run, text: run.text.trimEnd() }));
}

/** For each line at each position, when it was shown: `{ y, runs, fromMs, toMs }`. */
function spansOf(screens, endMs) {
  const spans = [];
  const open = new Map();
  for (const { atMs, lines } of [...screens, { atMs: endMs, lines: [] }])
    for (let y = 0; y < rows; y++) {
      const runs = lines[y] ?? [];
      const key = JSON.stringify(runs);
      const before = open.get(y);
      if (before?.key === key && atMs < endMs) continue;
      if (before && before.runs.length > 0 && atMs > before.fromMs) spans.push({ ...before, y, toMs: atMs });
      open.set(y, { key, runs, fromMs: atMs });
    }
  return spans;
}

const rowsIn = ({ lines }) => textOf(lines).split("golden ").length;
/** The index of the first screen with our resource's row. */
const firstRow = (screens) => screens.findIndex((screen) => rowsIn(screen) > rowsIn(screens[0]));
/** How long a typed command stands alone on the screen. */
const startMs = 400;

/** Cuts the time until this screen, in which a process starts. The cloud's clock stands still meanwhile. */
function withoutStart(screens, first) {
  const goneMs = Math.max(0, screens[first].atMs - screens[0].atMs - startMs);
  return [screens[0], ...screens.slice(first)].map(({ atMs, lines }, at) => ({
    atMs: at ? atMs - goneMs : atMs,
    lines,
  }));
}

const withoutSummary = (screens) =>
  screens.filter((screen) => !/^(Diagnostics|Resources):/m.test(textOf(screen.lines)));

/** The runs joined to one recording. */
function joined(runs) {
  let atMs = 0;
  return runs.flatMap((screens) => {
    const offsetMs = atMs - screens[0].atMs;
    atMs = screens.at(-1).atMs + offsetMs + 500;
    return screens.map((screen) => ({ ...screen, atMs: screen.atMs + offsetMs }));
  });
}

const cloudClock = {
  stoppedAt: undefined,
  behindMs: 0,
  now: () => (cloudClock.stoppedAt ?? Date.now()) - cloudClock.behindMs,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  stop: () => void (cloudClock.stoppedAt = Date.now()),
  go() {
    cloudClock.behindMs += Date.now() - cloudClock.stoppedAt;
    cloudClock.stoppedAt = undefined;
  },
};

/** Lets the cloud's clock go on as soon as the second run shows our row. */
function untilRowIsShown(_child, text) {
  const before = text().split("golden ").length;
  const look = setInterval(() => {
    if (text().split("golden ").length === before) return;
    clearInterval(look);
    cloudClock.go();
  }, 20);
}

/** Kills the engine when the image's row shows this percentage and a reader had time to see it. */
const killAt = (percent) => (child, text) => {
  const look = setInterval(() => {
    if (!(Number(/\((\d+)%\)/.exec(text())?.[1]) >= percent)) return;
    clearInterval(look);
    cloudClock.stop();
    const engine = execFileSync("ps", ["--ppid", String(child.pid), "-o", "pid="], { encoding: "utf8" });
    setTimeout(() => process.kill(Number(engine), "SIGKILL"), 700);
  }, 50);
};

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Shows lines one after another by CSS alone, so that the picture moves even where scripts do not run. */
function svgOf(spans, endMs) {
  const [width, height, cell, leading] = [shownColumns * 7.8 + 32, rows * 18 + 32, 7.8, 18];
  const percent = (ms) => `${((ms / endMs) * 100).toFixed(2)}%`;
  const keyframes = new Map();
  const texts = spans.map(({ y, runs, fromMs, toMs }) => {
    const isLast = toMs >= endMs;
    const end = isLast ? "" : `${percent(toMs)}{visibility:hidden}`;
    const frames = `0%{visibility:hidden}${percent(fromMs)}{visibility:visible}${end}`;
    const name = keyframes.get(frames) ?? `k${keyframes.size}`;
    keyframes.set(frames, name);
    const parts = runs.map(({ x, style, text }) => {
      const length = (text.length * cell).toFixed(1);
      return (
        `<tspan x="${(16 + x * cell).toFixed(1)}" ` +
        `textLength="${length}"${style && ` class="${style}"`}>${escaped(text)}</tspan>`
      );
    });
    return `<text y="${32 + y * leading}" class="${isLast ? "last " : ""}${name}">${parts.join("")}</text>`;
  });
  const animations = [...keyframes].map(
    ([frames, name]) => `@keyframes ${name}{${frames}}.${name}{animation-name:${name}}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"
  aria-label="pulumi up is killed half way; the next one takes over the image that was started">
<style>
svg{--back:#fff;--edge:#d0d7de;--text:#1f2328;
  --c1:#cf222e;--c2:#1a7f37;--c3:#9a6700;--c4:#0969da;--c5:#8250df;--c6:#1b7c83}
@media (prefers-color-scheme:dark){svg{--back:#0d1117;--edge:#3d444d;--text:#e6edf3;
  --c1:#ff7b72;--c2:#3fb950;--c3:#d29922;--c4:#58a6ff;--c5:#bc8cff;--c6:#39c5cf}}
rect{fill:var(--back);stroke:var(--edge)}
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--text);white-space:pre;
  visibility:hidden;animation:${(endMs / 1000).toFixed(1)}s step-end infinite}
${[1, 2, 3, 4, 5, 6].map((n) => `.c${n},.c${n + 8}{fill:var(--c${n})}`).join("")}.b{font-weight:600}
@media (prefers-reduced-motion:reduce){text{animation:none}.last{visibility:visible}}
${animations.join("\n")}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="6"/>
${texts.join("\n")}
</svg>
`;
}

const place = await mkdtemp(path.join(tmpdir(), "alicloud-image-picture-"));
const emulator = await startEmulator({ clock: cloudClock, durations: { createMs: 2_600, exportMs: 1_000 } });
const languageHost = await serveLanguageHost();
try {
  const { command } = await engine();
  const bin = path.join(place, "bin"); // an installed Pulumi has the plugin for dynamic providers beside the engine
  await mkdir(bin);
  await copyFile(command, path.join(bin, "pulumi"));
  await copyFile(
    path.join(root, "node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs"),
    path.join(bin, "pulumi-resource-pulumi-nodejs"),
  );
  const folder = path.join(place, "images");
  await mkdir(path.join(place, "backend"));
  await makeProject(folder);
  const env = { ...emulatedEnvironment(place, emulator, bin), TERM: "xterm-256color" };
  execFileSync("pulumi", ["stack", "init", "dev", "--non-interactive"], { cwd: folder, env, stdio: "ignore" });
  const run = openTerminal({ cwd: folder, env });
  const up = `pulumi up --yes --skip-preview --suppress-outputs --client=${languageHost.address}`;
  const killed = await run("pulumi up --yes", up, killAt(36));
  const cancelled = await run("pulumi cancel --yes", "pulumi cancel --yes");
  const finished = await run("pulumi up --yes", up, untilRowIsShown);
  if (finished.code !== 0) throw new Error(textOf(finished.screens.at(-1).lines));
  const screens = joined([
    withoutStart(killed.screens, firstRow(killed.screens)),
    withoutStart(cancelled.screens, cancelled.screens.length - 1),
    withoutSummary(withoutStart(finished.screens, firstRow(finished.screens))),
  ]);
  const endMs = screens.at(-1).atMs + 2_500; // the last screen stays readable before the picture starts over
  await writeFile(path.join(root, "docs/picture.svg"), svgOf(spansOf(screens, endMs), endMs));
  console.log(textOf(screens.at(-1).lines).trim());
} finally {
  languageHost.close();
  await emulator.close();
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
}
