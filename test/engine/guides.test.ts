import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { type Emulator, seeds, startEmulator, storedObject } from "../../emulator";
import { isFull, nightly } from "../support/sample";
import { type LanguageHost, startLanguageHost } from "./language-host";
import { openProject, type Project } from "./native/support";
import { startResourceSharing } from "./resource-sharing";
import { leadingTo, ownImages, repository } from "./support";

// The program of each guide, as printed, on the real engine.

let emulator: Emulator;
let host: LanguageHost;
beforeAll(async () => {
  emulator = await startEmulator({
    durations: {
      ...{ createMs: 300, importMs: 300, exportMs: 300, copyMs: 300 },
      ...{ bootMs: 300, commandMs: 300, releaseMs: 300 },
    },
  });
  host = await startLanguageHost();
});
afterAll(async () => {
  host.close();
  await emulator.close();
});

const own = () => ownImages(emulator);
const files = () => [...emulator.world.buckets.get(seeds.exportBucket)!.objects.keys()];

const guides = path.join(repository, "docs/guides");
const programOf = (name: string): string | undefined =>
  /```ts\n([\s\S]*?)```/.exec(readFileSync(path.join(guides, `${name}.md`), "utf8"))?.[1];

/** The program of docs/guides/<name>.md in a project of its own. */
async function openGuide(name: string, config: Record<string, string>, env: Record<string, string> = {}) {
  const settings = Object.entries(leadingTo(emulator)).map(([key, one]) => [
    key,
    typeof one === "string" ? one : one.value,
  ]);
  const project: Project = await openProject(name, {
    files: {
      "index.ts": programOf(name)!,
      "Pulumi.yaml": JSON.stringify({ name, runtime: "nodejs" }),
      "package.json": JSON.stringify({ name, private: true, main: "index.ts" }),
      "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext" } }),
    },
    config: Object.fromEntries(settings),
    env,
  });
  const packages = ["@pulumi/pulumi", "@pulumi/alicloud", "typescript", "ts-node", "@types/node"];
  for (const dependency of ["pulumi-alicloud-image", ...packages]) {
    const target = dependency === "pulumi-alicloud-image" ? "." : path.join("node_modules", dependency);
    const link = path.join(project.folder, "node_modules", dependency);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(repository, target), link, "dir");
  }
  const set = (values: Record<string, string>) =>
    project.pulumi(
      "config",
      "set-all",
      "--path",
      ...Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
    );
  await set(config);
  const { client } = host;
  return {
    set,
    preview: (...args: string[]) => project.run("preview", ...args, client),
    destroy: () => project.pulumi("destroy", "--yes", "--skip-preview"),
    async up() {
      await project.pulumi("up", "--yes", "--skip-preview", client);
      return JSON.parse(await project.pulumi("stack", "output", "--json"));
    },
  };
}

test("the program of every guide, and those that use both packages, type-check strictly", () => {
  // In memory, where a user's program is: beside a node_modules that has the package.
  const programs = new Map(
    readdirSync(guides).flatMap((file) => {
      const program = programOf(path.parse(file).name);
      return program ? [[path.join(repository, `guide-${path.parse(file).name}.ts`), program] as const] : [];
    }),
  );
  const options = { module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, noEmit: true, types: ["node"] };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (file) => programs.get(file) ?? readFile(file);
  host.fileExists = (file) => programs.has(file) || fileExists(file);
  const both = ["side-by-side", "newest-of-family"].map((name) => path.join(repository, "examples", name, "index.ts"));
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...programs.keys(), ...both], options, host));
  expect(programs.size).toBeGreaterThanOrEqual(5);
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
});

test("golden-image: another build is another image, and a destroy leaves nothing", async () => {
  const stack = await openGuide("golden-image", { instanceId: seeds.instanceId });
  const snapshots = [...emulator.world.snapshots.keys()];
  const first = await stack.up();
  await stack.set({ build: "2026-12" });
  const second = await stack.up();
  expect(own()).toMatchObject([{ imageId: second.imageId, imageFamily: "web-server" }]);
  expect(second.imageId).not.toBe(first.imageId);
  await stack.destroy();
  expect(own()).toEqual([]);
  expect([...emulator.world.snapshots.keys()]).toEqual(snapshots);
});

nightly("test-an-image: the image that fails its test never reaches the fleet, and the next one does", async () => {
  const { instanceId, vSwitchId, securityGroupId } = seeds;
  const command = "echo nginx is missing; exit 3";
  const stack = await openGuide("test-an-image", { instanceId, vSwitchId, securityGroupId, command });
  await expect(stack.up()).rejects.toThrow(/exit code 3[\s\S]*nginx is missing/);
  expect(own()).toEqual([]);
  await stack.set({ command: "echo fine" });
  const { imageId, testResult } = await stack.up();
  expect(testResult).toMatchObject({ exitCode: 0, output: "fine\n" });
  expect(own()).toMatchObject([{ imageId, imageFamily: "web-server" }]);
  if (isFull) {
    await stack.set({ command: "exit 1", build: "second" });
    await expect(stack.up()).rejects.toThrow(/exit code 1/);
    expect(own()).toMatchObject([{ imageId, imageFamily: "web-server" }]);
  }
  await stack.destroy();
  expect(own()).toEqual([]);
  expect([...emulator.world.instances.keys()].filter((id) => !/emulator0/.test(id))).toEqual([]);
});

nightly("import-a-file: another file under the same key is another image, the same file is not", async () => {
  const stack = await openGuide("import-a-file", { bucket: seeds.imageBucket, object: seeds.imageObject });
  const first = await stack.up();
  expect((await stack.preview("--expect-no-changes")).code).toBe(0);
  const { objects } = emulator.world.buckets.get(seeds.imageBucket)!;
  objects.set(seeds.imageObject, storedObject(seeds.imageObject, Buffer.from("another disk"), Date.now()));
  const second = await stack.up();
  expect(second.sourceETags).not.toEqual(first.sourceETags);
  expect(own().map(({ imageId }) => imageId)).toEqual([second.imageId]);
  await stack.destroy();
  expect(own()).toEqual([]);
  expect(objects.has(seeds.imageObject)).toBe(true);
});

nightly("regions-and-accounts: a rollback names the build before, in every region, and changes no image", async () => {
  const stack = await openGuide("regions-and-accounts", {
    instanceId: seeds.instanceId,
    "regions[0]": "ap-southeast-1",
    "accounts[0]": "1111111111111111",
  });
  const { imageIds: first } = await stack.up();
  await stack.set({ build: "2026-12" });
  const { imageIds: second } = await stack.up();
  expect(Object.keys(second).sort()).toEqual(["ap-southeast-1", seeds.regionId]);
  expect(Object.values(second)).not.toEqual(Object.values(first));
  const before = own().map(({ imageId, sharedWith }) => ({ imageId, sharedWith }));
  await stack.set({ stepsBack: "1" });
  expect((await stack.up()).imageIds).toEqual(first);
  expect(own().map(({ imageId, sharedWith }) => ({ imageId, sharedWith }))).toEqual(before);
  await stack.destroy();
  expect(own()).toEqual([]);
});

nightly("pipeline and export-and-archive: one stack builds, the other archives, and the files stay", async () => {
  const pipeline = await openGuide("pipeline", { instanceId: seeds.instanceId, commit: "4f1d2c9" });
  const { imageId } = await pipeline.up();

  const archive = await openGuide("export-and-archive", { family: "web-server", bucket: seeds.exportBucket });
  const outputs = await archive.up();
  expect(outputs.imageId).toBe(imageId);
  expect(outputs.files.map(({ url }: { url: string }) => url).sort()).toEqual(
    files()
      .map((key) => `oss://${seeds.exportBucket}/${key}`)
      .sort(),
  );
  const written = files();
  expect(written).toHaveLength(2);
  await archive.destroy();
  expect(files()).toEqual(written);
  await pipeline.destroy();
  expect(own()).toEqual([]);
});

nightly("share-with-an-organization: a new image is shared before the old one is not, which goes last", async () => {
  const events: string[] = [];
  const isThere = (id: string) => own().some(({ imageId }) => imageId === id);
  const sharing = await startResourceSharing((event, imageId) => {
    events.push(`${event} ${isThere(imageId) ? imageId : "what is not there"}`);
  });
  emulator.intercept = ({ action, params }, phase) => {
    if (phase === "before" && action === "DeleteImage") events.push(`delete ${params["ImageId"]}`);
    return undefined;
  };
  const config = { instanceId: seeds.instanceId, organization: "fd-organization" };
  const stack = await openGuide("share-with-an-organization", config, sharing.env);
  const { imageId: first } = await stack.up();
  expect(events.splice(0)).toEqual([`share ${first}`]);

  emulator.world.scenarios.push({ for: "CreateImage", failAtPercent: 50 });
  await stack.set({ build: "second" });
  await expect(stack.up()).rejects.toThrow(/CreateFailed/);
  expect(events.splice(0).filter((event) => !event.startsWith("delete"))).toEqual([]);
  expect(own().map(({ imageId }) => imageId)).toEqual([first]);

  const { imageId: second } = await stack.up();
  expect(events.splice(0)).toEqual([`share ${second}`, `unshare ${first}`, `delete ${first}`]);
  await stack.destroy();
  expect(events).toEqual([`unshare ${second}`, `delete ${second}`]);
  sharing.close();
  emulator.intercept = undefined;
});
