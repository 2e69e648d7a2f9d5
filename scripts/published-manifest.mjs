// Makes the package.json that is published: without the development dependencies. Otherwise `pulumi package add
// ./node_modules/pulumi-alicloud-image`, which runs npm install in the package's own folder, would install them. npm
// runs this before and after it packs.
//   node scripts/published-manifest.mjs            removes them, and keeps a copy of the file beside it
//   node scripts/published-manifest.mjs restore    puts the file back
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const [manifest, kept] = ["package.json", ".package.json.kept"];

if (process.argv[2] === "restore") {
  if (existsSync(kept)) renameSync(kept, manifest);
} else {
  const text = readFileSync(manifest, "utf8");
  const { devDependencies: _, ...published } = JSON.parse(text);
  if (!existsSync(kept)) writeFileSync(kept, text);
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
}
