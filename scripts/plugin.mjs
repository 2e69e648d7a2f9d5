// Bundles the native plugin `pulumi-resource-alicloud-image` with all its dependencies into one file, which needs no
// node_modules and starts fast.
//   node scripts/plugin.mjs [FOLDER]   packs the files of a release: an archive for each platform, and their checksums
import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
    target: "node14", // which can read it, and so says that it is too old (provider/old-node)
    minifySyntax: true,
    minifyWhitespace: true, // names stay, for the stack in a bug report
    // otherwise some line of a template starts with `import`, and tools take the file for an ES module
    supported: { "template-literal": false },
    legalComments: "linked",
    logLevel: "warning",
  });
}

/** The platforms, by the Pulumi engine's names. */
const PLATFORMS = ["linux", "darwin", "windows"].flatMap((os) => ["amd64", "arm64"].map((arch) => `${os}-${arch}`));
const PARTS = [
  "pulumi-resource-alicloud-image",
  "pulumi-resource-alicloud-image.cmd",
  "pulumi-resource-alicloud-image.js",
  "LICENSE",
  "dist/plugin",
];

/**
 * Packs the plugin under the file name that `pulumi plugin install` downloads. The archives differ only in their names,
 * because the plugin uses the Node.js of the machine (docs/decisions/0007-plugin-needs-node.md).
 */
async function packPlugin(into) {
  const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const name = (platform) => `pulumi-resource-alicloud-image-v${version}-${platform}.tar.gz`;
  const folder = await mkdtemp(path.join(tmpdir(), "plugin-"));
  try {
    const archive = path.join(folder, "archive.tar.gz");
    for (const part of PARTS) await cp(path.join(root, part), path.join(folder, "plugin", part), { recursive: true });
    await run("tar", ["-czf", archive, "-C", path.join(folder, "plugin"), "."]);
    await mkdir(into, { recursive: true });
    for (const platform of PLATFORMS) await copyFile(archive, path.join(into, name(platform)));
    const hash = createHash("sha256")
      .update(await readFile(archive))
      .digest("hex");
    const sums = PLATFORMS.map((platform) => `${hash}  ${name(platform)}\n`).join("");
    await writeFile(path.join(into, `pulumi-resource-alicloud-image_${version}_SHA256SUMS`), sums);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return PLATFORMS.map((platform) => path.join(into, name(platform)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , into = root] = process.argv;
  await bundlePlugin();
  console.log((await packPlugin(path.resolve(into))).join("\n"));
}
