import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

// What a reviewer would otherwise have to check in every change.

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

test("every export has a doc comment, and every link in one leads somewhere: npm run reference", () => {
  const typedoc = path.join(root, "node_modules/typedoc/bin/typedoc");
  expect(complaintsOf(typedoc, "--emit", "none", "--treatValidationWarningsAsErrors")).toBe("");
});

const OLD_WORDS = /\b(?:shall|whoever|anew|for ever|in vain|comes? to nothing|(?:told|tells?) of)\b/i;

test("code and documents use words that are in use today: again, whichever, fails, reports", () => {
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

const LONGEST = 45;

test(`no function of the provider, the command, the emulator or the benchmarks is longer than ${LONGEST} lines, without the named functions in it`, () => {
  const tooLong = ["provider", "cli", "recording", "emulator", "bench"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => functionsIn(path.join(folder, name)))
      .filter(({ lines }) => lines > LONGEST)
      .map(({ at, lines }) => `${at}: ${lines} lines`),
  );
  expect(tooLong).toEqual([]);
});

function functionsIn(file: string): { at: string; lines: number }[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const linesOf = (node: ts.Node) => lineOf(node.end) - lineOf(node.getStart()) + 1;
  const found: { at: string; lines: number }[] = [];
  /** Returns the lines of the outermost named functions in `node`. */
  const visit = (node: ts.Node): number => {
    let inner = 0;
    ts.forEachChild(node, (child) => void (inner += visit(child)));
    if (!isFunction(node)) return inner;
    found.push({ at: `${file}:${lineOf(node.getStart())}`, lines: linesOf(node) - inner });
    return isNamed(node) ? linesOf(node) : inner;
  };
  visit(source);
  return found;
}

const isFunction = (node: ts.Node): boolean => ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
const isNamed = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isVariableDeclaration(node.parent) ||
  ts.isPropertyAssignment(node.parent);
