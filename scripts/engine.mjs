// Finds the Pulumi engine (the `pulumi` program), or downloads or builds it. Runs before anything is installed, so it
// uses only what Node includes.
//   node scripts/engine.mjs [version]     prints the path; what it does on the way goes to stderr
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The first version whose dynamic providers may return inputs from a read, which is how drift gets into the state. */
export const OLDEST = "3.216.0";
/** The version that is downloaded or built if none is named: the newest that the tests were run on. */
export const NEWEST = "3.276.0";
const MODULE = "github.com/pulumi/pulumi";
const DOWNLOADS = "https://get.pulumi.com/install.sh";
const REACH_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

export const executable = (name) => (process.platform === "win32" ? `${name}.exe` : name);
const program = executable("pulumi");
/** Where downloads and builds are kept for later runs. */
export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "pulumi-alicloud-image");
const homeOf = (version) => path.join(cache, `pulumi-v${version}`);
const programOf = (version) => path.join(homeOf(version), "bin", program);

/**
 * The engine on PATH; where there is none, or a certain version is asked for, one that was downloaded or built.
 * @returns {Promise<{ command: string, version: string, how: string }>}
 */
export async function engine(say = () => {}, version = undefined) {
  const wanted = version ?? NEWEST;
  const refusals = [];
  const ways = [
    ...(version === undefined ? [["found on PATH", onPath]] : []),
    ["obtained earlier", () => (existsSync(programOf(wanted)) ? programOf(wanted) : undefined)],
    ["downloaded", () => download(wanted, say)],
    ["built with Go", () => build(wanted, say)],
  ];
  for (const [how, look] of ways) {
    try {
      const command = await look();
      if (command) return { command, version: await versionOf(command), how };
    } catch (error) {
      refusals.push(`${how}: no, ${error.message}`);
    }
  }
  throw new Error(
    `There is no Pulumi engine: install Pulumi ${OLDEST} or newer (https://www.pulumi.com/docs/install/), or ` +
      `Go, so that it can be built.\n${refusals.join("\n")}`,
  );
}

function onPath() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

async function versionOf(command) {
  const { stdout } = await promisify(execFile)(command, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  });
  const version = stdout.trim().replace(/^v/, "");
  if (!isAtLeast(version, OLDEST))
    throw new Error(`${command} is ${version || "of unknown version"}, older than ${OLDEST}`);
  return version;
}

export function isAtLeast(version, oldest) {
  const [have, want] = [version, oldest].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!have) return false;
  const at = have.findIndex((part, i) => part !== want[i]);
  return at < 0 || have[at] > want[at];
}

/** Runs the installer of Pulumi's Automation API in a separate process, so that it can be ended at a timeout. */
async function download(wanted, say) {
  await fetch(DOWNLOADS, { method: "HEAD", signal: AbortSignal.timeout(REACH_TIMEOUT_MS) }).catch((error) => {
    throw new Error(`${new URL(DOWNLOADS).host} cannot be reached (${error.cause?.code ?? error.name})`);
  });
  say(`downloading Pulumi ${wanted}`);
  return obtain(homeOf(wanted), programOf(wanted), async (folder) => {
    const automation = createRequire(import.meta.url).resolve("@pulumi/pulumi/automation");
    const install =
      "const [, automation, root, version] = process.argv; require(automation).PulumiCommand.install({ root, " +
      "version }).catch((error) => { console.error(error.message); process.exit(1); })";
    await run(process.execPath, ["-e", install, automation, folder, wanted], { timeout: DOWNLOAD_TIMEOUT_MS });
  });
}

/**
 * `go install` refuses a module with replace directives, so a module of our own requires it. Without the version set at
 * build time, the engine reports 3.0.0-dev.
 */
async function build(wanted, say) {
  await run("go", ["version"]).catch(() => {
    throw new Error("there is no go on PATH");
  });
  say(`building Pulumi ${wanted} with Go: some minutes, once`);
  return obtain(homeOf(wanted), programOf(wanted), async (folder) => {
    await writeFile(path.join(folder, "go.mod"), `module engine\n\ngo 1.25\n\nrequire ${MODULE}/pkg/v3 v${wanted}\n`);
    const flags = `-s -w -X ${MODULE}/sdk/v3/go/common/version.Version=v${wanted}`;
    await run(
      "go",
      [
        "build",
        "-mod=mod",
        "-modcacherw",
        "-ldflags",
        flags,
        "-o",
        path.join("bin", program),
        `${MODULE}/pkg/v3/cmd/pulumi`,
      ],
      { cwd: folder },
    );
  });
}

/**
 * Unless `file` exists: fills a new folder and renames it to `home` in one step. Of two runs at once, the first one
 * wins.
 */
export async function obtain(home, file, fill) {
  if (existsSync(file)) return file;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, "new-"));
  try {
    await fill(folder);
    await rename(folder, home).catch((error) => {
      if (!existsSync(file)) throw error;
    });
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function run(command, args, { cwd, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      timeout,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    let errors = "";
    child.stderr.on("data", (text) => (errors = (errors + text).slice(-2_000)));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(
            new Error(errors.trim().split("\n").slice(-3).join(" ") || `${command} ended with ${code ?? "a time-out"}`),
          ),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const found = await engine((line) => console.error(line), process.argv[2]);
    console.error(`Pulumi ${found.version}, ${found.how}`);
    console.log(found.command);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
