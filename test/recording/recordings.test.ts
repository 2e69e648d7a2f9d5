import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { compare } from "../../recording/comparison/compare";

/** Each folder is a recording, with the differences from the emulator that are known beside it, by their reason. */
const root = path.join(__dirname, "../recordings");
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const knownIn = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, "known-differences.json"), "utf8")) as Record<string, string[]>;

describe.each(folders.map(({ name }) => name))("the recording %s", (name) => {
  const folder = path.join(root, name);

  test("differs from the emulator only in what is known", async () => {
    const found = (await compare(folder)).map(({ action, about }) => `${action}: ${about}`);
    expect(new Set(found)).toEqual(new Set(Object.values(knownIn(folder)).flat()));
  });

  test("holds no answer that the client does not understand", async () => {
    const findings = await compare(folder);
    expect(findings.filter(({ about }) => about === "the answer")).toEqual([]);
  });
});
