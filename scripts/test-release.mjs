// Tests what a release offers besides the npm package, as on a user's new machine: with empty caches, in each language,
// from a server on loopback that serves the files of a release.
//   npm run test:release [-- words]     only the tests whose names contain the words
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { registryTools } from "./language-tools.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { folder } = await registryTools((line) => console.error(line));
const words = process.argv.slice(2).join(" ");
const args = ["node_modules/jest/bin/jest.js", "test/engine/native/release", ...(words ? ["-t", words] : [])];
const env = { ...process.env, PULUMI_REGISTRY_TOOLS: folder };
const jest = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
jest.on("close", (code) => (process.exitCode = code ?? 1));
