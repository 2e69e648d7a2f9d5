import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

// A title is a sentence about behaviour, in the present tense, short enough for one line of a terminal.

const MOST = 100;
/** What declares a test or a group of them. `test.each(rows)` and the like begin with one of these, too. */
const DECLARES = /^(test|it|describe|nightly|also|withTools|withPython)\b/;
const NOT_PRESENT = /^(?:it )?(?:should|will)\b/;

interface Title {
  readonly at: string;
  readonly text: string;
}

/** The titles as they are written, with `$names` and `%s` unfilled. */
function titlesOf(file: string): Title[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(__dirname, file), "utf8"), ts.ScriptTarget.Latest);
  const found: Title[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const [title] = node.arguments;
    if (!title || !ts.isStringLiteralLike(title) || !DECLARES.test(node.expression.getText(source))) return;
    const { line } = source.getLineAndCharacterOfPosition(title.getStart(source));
    found.push({ at: `test/${file}:${line + 1}`, text: title.text });
  };
  visit(source);
  return found;
}

const titles = readdirSync(__dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap(titlesOf);

test("a test title has at most 100 characters", () => {
  const long = titles.filter(({ text }) => text.length > MOST);
  expect(long.map(({ at, text }) => `${at}: ${text.length} characters: ${text}`)).toEqual([]);
  expect(titles.length).toBeGreaterThan(1_000);
});

test("a test title says what happens in the present tense", () => {
  const found = titles.filter(({ text }) => NOT_PRESENT.test(text));
  expect(found.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
});
