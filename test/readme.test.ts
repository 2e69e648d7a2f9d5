import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ChangeEffect } from "../provider/fields/fields";
import { resourceTypes } from "../provider/hosts/native/package";
import { fileOf } from "./support/files";

// What the README says of the arguments comes from their declaration, and so do the doc comments that an editor shows.

const root = path.resolve(__dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

interface Declared {
  readonly summary: string;
  readonly change: ChangeEffect;
  readonly computed?: true;
}
const declared = (fields: object) =>
  Object.entries(fields as Record<string, Declared>).filter(([, { computed }]) => !computed);

describe("the README", () => {
  it("has the arguments and outputs that the resources declare (npm run tables)", () => {
    execFileSync(process.execPath, [path.join(root, "scripts/tables.mjs"), "--check"], { encoding: "utf8" });
  });

  it("shows the recording of its own program, with progress on the rows of both resources", () => {
    const picture = readFileSync(path.join(root, "docs/picture.svg"), "utf8");
    const shown = [...picture.matchAll(/>([^<>]+)<\/tspan>/g)].map(([, text]) => text!.trim());
    for (const [, kind, name] of /```ts\n([\s\S]*?)```/.exec(readme)![1]!.matchAll(/new (\w+)\("(\w+)"/g)) {
      const row = new RegExp(`pulumi-nodejs:dynamic/alicloud-image:${kind} +${name}$`);
      expect(shown).toContainEqual(expect.stringMatching(row));
    }
    expect(shown).toContainEqual(expect.stringMatching(/^Creating \(\d+%\), about \d+ s left/));
    expect(shown).toContainEqual(expect.stringMatching(/^Processing \(\d+%\)/));
  });

  it("and the guides link to files alone that the tarball has", () => {
    const guides = readdirSync(path.join(root, "docs/guides")).map((file) => `docs/guides/${file}`);
    const files = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).files as string[];
    const packed = [...files, "README.md", "LICENSE"];
    const targets = ["README.md", ...guides].flatMap((page) =>
      [...readFileSync(path.join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
        ([, target]) => path.posix.join(path.posix.dirname(page), target!),
      ),
    );
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      expect(existsSync(path.join(root, target)) ? target : `${target} does not exist`).toBe(target);
      expect(packed.some((entry) => target === entry || target.startsWith(`${entry}/`)) ? target : "").toBe(target);
    }
  });

  it("stays short enough to be read", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(165);
  });
});

describe.each(resourceTypes.map(({ type, fields }) => [fileOf(type), fields] as const))(
  "the doc comments of %s",
  (file, fields) => {
    const source = [file, "any-image"]
      .map(
        (name) =>
          readFileSync(path.join(root, `provider/program/${name}.ts`), "utf8").split(/Args (?:extends [^{]* )?\{/)[1] ??
          "",
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
  },
);
