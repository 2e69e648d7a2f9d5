import { readFileSync } from "node:fs";
import path from "node:path";
import type { ChangeEffect } from "../provider/fields/fields";
import { customImage } from "../provider/resources/custom-image.lifecycle";
import { imageExport } from "../provider/resources/image-export.lifecycle";
import { importedImage } from "../provider/resources/imported-image.lifecycle";

// What the README says of the arguments comes from their declaration, and so do the doc comments that an editor shows.

const root = path.resolve(__dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const words: Record<ChangeEffect, string> = {
  replace: "replaces",
  update: "in place",
  record: "recorded only",
  nothing: "nothing",
};
const section = (kind: string) => readme.split(`### ${kind}\n`)[1]!.split("\n##")[0]!;
const rows = (kind: string) => [...section(kind).matchAll(/^\| `(\w+)` \|.*$/gm)].map(([row]) => row);

interface Declared {
  readonly summary: string;
  readonly change: ChangeEffect;
  readonly computed?: true;
}
const declared = (fields: object) =>
  Object.entries(fields as Record<string, Declared>).filter(([, { computed }]) => !computed);
const row = ([name, { summary, change }]: [string, Declared]) => `| \`${name}\` | ${summary} | ${words[change]} |`;

describe("the README", () => {
  it("has every argument of a CustomImage and of an ImageExport, as it is declared", () => {
    expect(rows("CustomImage")).toEqual(declared(customImage.fields).map(row));
    expect(rows("ImageExport")).toEqual(declared(imageExport.fields).map(row));
  });

  it("has those arguments of an ImportedImage that a CustomImage has not, or has differently", () => {
    const own = declared(importedImage.fields).filter(
      ([name]) => name === "diskDeviceMappings" || !(name in customImage.fields),
    );
    expect(rows("ImportedImage").sort()).toEqual(own.map(row).sort());
  });

  it("stays short enough to be read", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(170);
  });
});

describe.each([
  ["custom-image", customImage.fields],
  ["imported-image", importedImage.fields],
  ["image-export", imageExport.fields],
])("the doc comments of %s", (file, fields) => {
  const source = [file, "any-image"]
    .map(
      (name) =>
        readFileSync(path.join(root, `provider/resources/${name}.ts`), "utf8").split(
          /Args (?:extends AnyImageArgs )?\{/,
        )[1] ?? "",
    )
    .join("\n");

  it.each(declared(fields).map(([name, field]) => ({ name, ...field })))(
    "say of $name what a change of it costs",
    ({ name, change }) => {
      const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*?)\\*/\\s+${name}\\??: pulumi`).exec(source)?.[1] ?? "";
      const says: Record<ChangeEffect, RegExp> = {
        replace: /change (replaces|exports again)/,
        update: /changes? in place/,
        record: /^(?!.*(replaces|in place))/s,
        nothing: /creation only/,
      };
      expect(comment.trim()).not.toBe("");
      expect(comment.replaceAll(/\s*\n\s*\*\s*/g, " ")).toMatch(says[change]);
    },
  );
});
