// Builds `dist`, which the package publishes: the compiled sources, the native plugin in one file, and the page of the
// emulator: `npm run build`.
import { execFileSync } from "node:child_process";
import { cp } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePlugin } from "./plugin.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
await bundlePlugin();
for (const file of ["page.html", "page.css", "page.js"])
  await cp(path.join(root, "emulator/tool/page", file), path.join(root, "dist/emulator/tool/page", file));
