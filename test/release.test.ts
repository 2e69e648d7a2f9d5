import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// What stops a release that does not fit together, and what a release says.

const root = path.resolve(__dirname, "..");
const changelog = readFileSync(path.join(root, "CHANGELOG.md"), "utf8");
const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
let place: string;
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), "release-"));
  mkdirSync(path.join(place, "scripts"));
  cpSync(path.join(root, "package.json"), path.join(place, "package.json"));
  cpSync(path.join(root, "scripts/release-notes.mjs"), path.join(place, "scripts/release-notes.mjs"));
});
afterEach(() => rmSync(place, { recursive: true }));

function notes(tag: string, text: string) {
  writeFileSync(path.join(place, "CHANGELOG.md"), text);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/release-notes.mjs", tag], {
    cwd: place,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}
const dated = changelog.replace("## [Unreleased]", `## [Unreleased]\n\n## [${version}] - 2026-01-31`);

test("a release's notes are its section of the changelog", () => {
  const { status, stdout } = notes(`v${version}`, dated);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^### Added\n\n- `CustomImage`: /);
  expect(stdout).not.toMatch(/^## |^\[/m);
});

test("a tag that differs from the package's version stops the release", () => {
  expect(notes("v9.9.9", dated)).toMatchObject({
    status: 1,
    stderr: `release: the tag is v9.9.9, but package.json has version ${version}\n`,
  });
});

test("a version that is missing in the changelog stops the release", () => {
  expect(notes(`v${version}`, changelog.replaceAll(`## [${version}]`, "## [0.0.0]")).status).toBe(1);
});

test("the changelog has only the headings of Keep a Changelog", () => {
  const headings = [...changelog.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
  const known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  expect(headings.filter((heading) => !known.includes(heading!))).toEqual([]);
  for (const [, name] of changelog.matchAll(/^## (.*)$/gm))
    expect(name).toMatch(/^\[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?$/);
});
