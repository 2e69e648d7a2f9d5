import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { inTurn } from "../support/sample";
import { engineEnv, repository } from "./support";

// The recipes of docs/testing-your-program.md in a project of their own, run as a user runs them.

const page = readFileSync(path.join(repository, "docs/testing-your-program.md"), "utf8");
const recipes = [...page.matchAll(/```\w+\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => ({
  name: name!,
  text: text!,
}));
const modules = path.join(repository, "node_modules");
const place = realpathSync(mkdtempSync(path.join(tmpdir(), "recipes-")));
const project = path.join(place, "project");

beforeAll(() => {
  mkdirSync(path.join(project, "node_modules/@pulumi"), { recursive: true });
  const packages = ["@pulumi/pulumi", "@swc", "@types", "typescript", "jest", "vitest"];
  for (const name of packages) symlinkSync(path.join(modules, name), path.join(project, "node_modules", name), "dir");
  symlinkSync(repository, path.join(project, "node_modules/pulumi-alicloud-image"), "dir");
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "images", private: true }));
  for (const { name, text } of recipes) writeFileSync(path.join(project, name), text);
});
afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

test("the recipes type-check in strict mode", () => {
  const files = recipes
    .map(({ name }) => path.join(project, name))
    .filter((file) => file.endsWith("s.ts") || file.endsWith("test.ts"));
  const found = ts.getPreEmitDiagnostics(
    ts.createProgram(files, {
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      esModuleInterop: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ["node", "jest"],
      typeRoots: [path.join(modules, "@types")],
    }),
  );
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
});

const runners: [name: string, command: string[]][] = [
  ["jest", ["jest/bin/jest.js", "--ci", "--json", "--maxWorkers=1"]],
  ["vitest", ["vitest/vitest.mjs", "run", "--reporter=json", "--no-file-parallelism"]],
];

test.each(inTurn(runners, 0))("the recipes pass under %s", async (_name, [program, ...args]) => {
  const env = { ...process.env, ...engineEnv(place), NODE_ENV: "test" };
  const ended = await promisify(execFile)(process.execPath, [path.join(modules, program!), ...args], {
    cwd: project,
    env,
    maxBuffer: 1e8,
  }).catch((error) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  const { numPassedTests, numTotalTests } = JSON.parse(ended.stdout);
  expect({ numPassedTests, numTotalTests }).toEqual({ numPassedTests: 3, numTotalTests: 3 });
});
