// Prints the section of a version in the changelog. Fails unless the tag, the package and the changelog name the same
// version.
//   node scripts/release-notes.mjs v0.1.0
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const read = (file) => readFileSync(path.join(root, file), "utf8");

const [tag = ""] = process.argv.slice(2);
const { version } = JSON.parse(read("package.json"));
const sections = read("CHANGELOG.md").split(/^## /m).slice(1);
const own = sections.find((section) => section.startsWith(`[${version}] - `));
if (tag !== `v${version}`) fail(`the tag is ${tag || "missing"}, but package.json has version ${version}`);
else if (!own) fail(`CHANGELOG.md has no section "## [${version}] - <date>"; rename "## [Unreleased]"`);
else
  console.log(
    own
      .split("\n")
      .slice(1)
      .join("\n")
      .replaceAll(/^\[.*\]: .*$/gm, "")
      .trim(),
  );

function fail(reason) {
  console.error(`release: ${reason}`);
  process.exitCode = 1;
}
