import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

describe("the README", () => {
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
    expect(readme.split("\n").length).toBeLessThanOrEqual(175);
  });
});
