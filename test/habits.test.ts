import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { nightly } from "./support/sample";

// Rules that a reviewer would otherwise have to check in every change.

const root = path.resolve(__dirname, "..");

/** What a command prints when it finds something; empty when it finds nothing. */
function complaintsOf(program: string, ...args: string[]): string {
  try {
    execFileSync(process.execPath, [require.resolve(program), ...args], { cwd: root, stdio: "pipe" });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    return `${stdout}${stderr}`.trim() || String(error);
  }
}

test("every file is formatted and has no lint error: npx biome check --write .", () => {
  expect(complaintsOf("@biomejs/biome/bin/biome", "check", ".", "--diagnostic-level=error", "--colors=off")).toBe("");
});

test("every export is imported somewhere, and every source file is reached from an entry point (knip.json)", () => {
  expect(complaintsOf(path.join(root, "node_modules/knip/bin/knip.js"), "--no-progress", "--no-config-hints")).toBe("");
});

nightly("every export has a doc comment, and every link in one leads somewhere: npm run reference", () => {
  const typedoc = path.join(root, "node_modules/typedoc/bin/typedoc");
  expect(complaintsOf(typedoc, "--emit", "none", "--treatValidationWarningsAsErrors")).toBe("");
});

const OLD_WORDS = /\b(?:shall|whoever|anew|for ever|in vain|comes? to nothing|(?:told|tells?) of)\b/i;

test("code and documents use current words: again, whichever, fails, reports", () => {
  const folders = [
    "provider",
    "emulator",
    "cli",
    "recording",
    "test",
    "bench",
    "scripts",
    "examples",
    "gitops",
    "docs",
  ];
  const files = folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        path.join(folder, file),
      ),
    )
    .concat(readdirSync(root))
    .filter((file) => /\.(ts|mjs|md)$/.test(file) && !/node_modules|^docs.reference|habits\.test/.test(file));
  const found = files.flatMap((file) =>
    readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .flatMap((line, at) => (OLD_WORDS.test(line) ? [`${file}:${at + 1}: ${OLD_WORDS.exec(line)![0]}`] : [])),
  );
  expect(found).toEqual([]);
});

const MOST = { lines: 50, parameters: 4, nesting: 4 };

describe("every function is short", () => {
  const functions = ["provider", "cli", "recording", "emulator", "bench", "scripts"].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) => functionsIn(file, readFileSync(path.join(root, file), "utf8"))),
  );

  test.each(["lines", "parameters", "nesting"] as const)("it has few %s, including its inner functions", (what) => {
    expect(functions.length).toBeGreaterThan(2_000);
    const found = functions.filter((one) => one[what] > MOST[what]).map((one) => `${one.at}: ${one[what]} ${what}`);
    expect(found).toEqual([]);
  });

  test.each([
    ["lines", `const f = () => {${"\n".repeat(50)}};`],
    ["lines", `function f() {\n  return () => {${"\n".repeat(49)}};\n}`],
    ["parameters", "const f = (a, b, c, d, e) => a;"],
    ["nesting", "function f() { if (1) for (;;) while (1) { try { if (2) g(); } catch {} } }"],
    [
      "nesting",
      "class C { f() { if (1) { } else if (2) { for (;;) [].map(() => { do { if (3) g(); } while (1); }); } } }",
    ],
  ] as const)("too many %s are found, in nested functions too (%#)", (what, source) => {
    expect(functionsIn("bad.ts", source).some((one) => one[what] > MOST[what])).toBe(true);
  });
});

test("all lines have at most 120 characters, comments and strings included", () => {
  const folders = ["provider", "cli", "recording", "emulator", "bench", "scripts", "test", "examples", "gitops"];
  const found = folders.flatMap(sourcesIn).flatMap((file) =>
    readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .flatMap((line, at) => (line.length > 120 ? [`${file}:${at + 1}: ${line.length} characters`] : [])),
  );
  expect(found).toEqual([]);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?ts$|\.mjs$/.test(name) && !name.includes("node_modules"))
    .map((name) => path.join(folder, name));
}

interface Measured {
  readonly at: string;
  /** From its first line to its last, with all that it holds. */
  readonly lines: number;
  readonly parameters: number;
  /** How deeply statements and functions are nested in it. */
  readonly nesting: number;
}

function functionsIn(file: string, text: string): Measured[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const found: Measured[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && bodyOf(node)) {
      const first = lineOf(node.getStart());
      const lines = lineOf(node.end) - first + 1;
      found.push({ at: `${file}:${first}`, lines, parameters: node.parameters.length, nesting: depthOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function bodyOf(node: ts.Node) {
  return ts.isFunctionLike(node) && "body" in node ? node.body : undefined;
}

function depthOf(node: ts.Node): number {
  let deepest = 0;
  ts.forEachChild(node, (child) => {
    const isElseIf = ts.isIfStatement(node) && node.elseStatement === child;
    deepest = Math.max(deepest, depthOf(child) + (isNesting(child) && !isElseIf ? 1 : 0));
  });
  return deepest;
}

function isNesting(node: ts.Node): boolean {
  return (
    ts.isIfStatement(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isTryStatement(node) ||
    ts.isSwitchStatement(node) ||
    bodyOf(node) !== undefined
  );
}
