import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CustomImage, GoldenImage } from "pulumi-alicloud-image";
import { type Emulator, seeds, startEmulator } from "../../emulator";
import { nightly } from "../support/sample";
import { type LanguageHost, startLanguageHost } from "./language-host";
import { configLeadingTo, openProject, tools, yamlFiles } from "./native/support";
import { leadingTo, openStack, type RigStack, repository } from "./support";

// The policy pack of docs/policies.md, run by Pulumi's own analyzer.

const { instanceId } = seeds;
let emulator: Emulator;
let languageHost: LanguageHost;
let pack: string;
let program: () => void;
let stack: RigStack;

beforeAll(async () => {
  emulator = await startEmulator({ durations: { createMs: 300 } });
  languageHost = await startLanguageHost();
  pack = mkdtempSync(path.join(tmpdir(), "policies-"));
  const [, code] = /```ts\n(.*?)\n```/s.exec(readFileSync(path.join(repository, "docs/policies.md"), "utf8"))!;
  writeFileSync(path.join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  writeFileSync(
    path.join(pack, "package.json"),
    JSON.stringify({ name: "images", version: "1.0.0", main: "index.ts" }),
  );
  writeFileSync(path.join(pack, "index.ts"), code!);
  const options = { module: "commonjs", target: "es2022", moduleResolution: "node10", ignoreDeprecations: "6.0" };
  writeFileSync(path.join(pack, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
  mkdirSync(path.join(pack, "node_modules/@pulumi"), { recursive: true });
  for (const name of ["@pulumi/policy", "@pulumi/pulumi", "typescript", "ts-node"])
    symlinkSync(path.join(repository, "node_modules", name), path.join(pack, "node_modules", name), "dir");
  symlinkSync(repository, path.join(pack, "node_modules/pulumi-alicloud-image"), "dir");
  const env = { PULUMI_DEBUG_LANGUAGES: `nodejs:${languageHost.port}` };
  stack = await openStack("policies", async () => program(), { config: leadingTo(emulator), env });
});
afterAll(async () => {
  languageHost.close();
  await emulator.close();
  rmSync(pack, { recursive: true, force: true });
});

const preview = async () => {
  const { error, stdout, stderr } = await stack.preview({ policyPacks: [pack] });
  return { failed: error !== undefined, output: stdout + stderr };
};

test("a mandatory policy by class stops a preview of the classes of this package", async () => {
  program = () => void new CustomImage("nobody", { instanceId });
  expect(await preview()).toMatchObject({ failed: true, output: expect.stringMatching(/must name its owner/) });
  program = () => void new CustomImage("owned", { instanceId, tags: { owner: "platform" } });
  expect((await preview()).failed).toBe(false);
});

nightly("a policy by class applies to the component", async () => {
  const tags = { owner: "platform" };
  program = () => {
    new GoldenImage("one", { source: { instanceId }, tags });
    new GoldenImage("two", { source: { instanceId }, tags });
  };
  expect(await preview()).toMatchObject({ failed: true, output: expect.stringMatching(/one golden image, not 2/) });
});

(tools === "" ? test.skip : test)("the same pack stops a preview of the native provider", async () => {
  const golden = (tags: object) => ({
    resources: { golden: { type: "alicloud-image:index:CustomImage", properties: { instanceId, tags } } },
  });
  const files = yamlFiles("policies", golden({}));
  const env = { PULUMI_DEBUG_LANGUAGES: `nodejs:${languageHost.port}` };
  const project = await openProject("policies", { files, config: configLeadingTo(emulator), env });
  const refused = await project.run("preview", "--policy-pack", pack);
  expect([refused.code === 0, refused.output]).toEqual([false, expect.stringMatching(/must name its owner/)]);
  project.write(yamlFiles("policies", golden({ owner: "platform" })));
  expect((await project.run("preview", "--policy-pack", pack)).code).toBe(0);
});
