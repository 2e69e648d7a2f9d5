import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(__dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

describe("the README", () => {
  it("shows its own program killed half way, and the next run that takes the image over", () => {
    const picture = readFileSync(path.join(root, "docs/picture.svg"), "utf8");
    const shown = [...picture.matchAll(/>([^<>]+)<\/tspan>/g)].map(([, text]) => text!.trim());
    for (const [, name] of /```ts\n([\s\S]*?)```/.exec(readme)![1]!.matchAll(/new \w+\("(\w+)"/g))
      expect(shown).toContain(name);
    expect(shown).toContainEqual(expect.stringMatching(/^Creating \([4-9]\d%\), about \d s left$/));
    expect(shown).toContain("Killed");
    expect(shown).toContainEqual(expect.stringMatching(/^took over m-\w+$/));
    expect(shown).toContainEqual(expect.stringMatching(/^wrote \d objects? to oss:/));
  });

  it("shows it in 76 columns, with no line cut", () => {
    const picture = readFileSync(path.join(root, "docs/picture.svg"), "utf8");
    const ends = [...picture.matchAll(/<tspan x="([\d.]+)" textLength="([\d.]+)"/g)].map(([, x, l]) => +x! + +l!);
    const width = +/viewBox="0 0 ([\d.]+)/.exec(picture)![1]!;
    expect(width).toBeLessThanOrEqual(76 * 7.8 + 32);
    expect(Math.max(...ends)).toBeLessThanOrEqual(width - 16);
  });

  it("and the guides link only to files in the tarball", () => {
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
    // Half of it are generated tables, and "On a bad day" is the reason to use this package.
    expect(readme.split("\n").length).toBeLessThanOrEqual(190);
  });
});
