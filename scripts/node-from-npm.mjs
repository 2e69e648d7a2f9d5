// Another version of Node, or Bun, from npm. Kept from run to run.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * The folder of its programs. What the npm package `node` would fetch in an install script is installed: the program
 * for one platform.
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
    if (status !== 0) throw new Error(`${name} cannot be had from npm`);
  }
  return bin;
}
