// The native plugin `pulumi-resource-alicloud-image`, in one file with all that it needs: no node_modules, a fast start.
//   node scripts/plugin.mjs bundle     writes dist/plugin/index.js
//   node scripts/plugin.mjs [FOLDER]   also packs what `pulumi plugin install --file` takes; one archive for every platform with Node.js
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { run } from "./engine.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export async function bundlePlugin() {
  await build({
    absWorkingDir: root,
    entryPoints: ["provider/hosts/native/entry.ts"],
    outfile: "dist/plugin/index.js",
    bundle: true,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true, // names stay, for the stack in a bug report
    legalComments: "linked",
    logLevel: "warning",
  });
}

async function packPlugin(into) {
  const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const archive = path.join(into, `pulumi-resource-alicloud-image-v${version}.tar.gz`);
  const folder = await mkdtemp(path.join(tmpdir(), "plugin-"));
  try {
    await mkdir(path.join(folder, "dist"));
    const parts = ["pulumi-resource-alicloud-image", "pulumi-resource-alicloud-image.cmd", "LICENSE", "dist/plugin"];
    for (const part of parts) await cp(path.join(root, part), path.join(folder, part), { recursive: true });
    await run("tar", ["-czf", archive, "-C", folder, "."]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return archive;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , into = root] = process.argv;
  await bundlePlugin();
  if (into !== "bundle") console.log(await packPlugin(path.resolve(into)));
}
