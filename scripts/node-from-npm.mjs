// Gets another version of Node, or Bun, from npm, and keeps it for later runs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * The folder of Node's programs. This installs the package that holds the program for one platform, which the npm
 * package `node` would download in an install script.
 */
export function nodeFromNpm(version) {
  const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const program = platform === "darwin-arm64" ? `node-bin-${platform}` : `node-${platform}`;
  return fromNpm(`Node ${version}`, `node-${version}`, program, version);
}

/** The folder of the program `bun`. */
export const bunFromNpm = (version) =>
  fromNpm(`Bun ${version}`, `bun-${version}`, `@oven/bun-${process.platform}-${process.arch}`, version);

function fromNpm(name, place, program, version) {
  const folder = path.join(root, ".cache", place);
  const bin = path.join(folder, "node_modules", program, "bin");
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    const options = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund"];
    const { status } = spawnSync("npm", ["install", "--prefix", folder, ...options, `${program}@${version}`], {
      cwd: root,
      stdio: "inherit",
    });
    if (status !== 0) throw new Error(`npm cannot install ${name}`);
  }
  return bin;
}
