import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { isFull } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, pluginFolder, temporary, tools, yamlFiles } from "./support";

/** Pulumi's own test library, where Go could build it. */
const library = process.env.PULUMI_PROGRAM_TEST ?? "";
const withLibrary = isFull && tools !== "" && library !== "" ? test : test.skip;

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ durations: { createMs: 300, copyMs: 300 } });
});
afterEach(() => emulator.close());

withLibrary("Pulumi's ProgramTest passes: create, no changes, refresh, an edit, destroy", async () => {
  const place = temporary("program-test");
  const write = (folder: string, properties: object) => {
    mkdirSync(path.join(place, folder));
    const web = { type: "alicloud-image:index:GoldenImage", properties };
    const share = { type: "alicloud-image:index:ImageSharePermission", properties: { imageId: "${base.imageId}" } };
    const base = { type: "alicloud-image:index:CustomImage", properties: { instanceId: seeds.instanceId } };
    const accounts = { ...share, properties: { ...share.properties, accountIds: ["2222222222222222"] } };
    const files = yamlFiles("program-test", { resources: { base, accounts, web } });
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(place, folder, file), text);
  };
  const source = { instanceId: seeds.instanceId };
  write("program", { source, regions: ["cn-beijing"], tags: { team: "web" } });
  write("edited", { source, regions: ["cn-beijing"], tags: { team: "db" }, shareWith: ["3333333333333333"] });
  const config = Object.entries(configLeadingTo(emulator)).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const env = {
    ...process.env,
    PATH: [tools, process.env.PATH].join(path.delimiter),
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_HOME: path.join(place, "home"),
    PLUGIN: pluginFolder(),
    PROGRAM: path.join(place, "program"),
    PROGRAM_EDITED: path.join(place, "edited"),
    PROGRAM_CONFIG: JSON.stringify(Object.fromEntries(config)),
  };
  const output = await new Promise<string>((resolve) =>
    execFile(library, ["-test.v"], { cwd: place, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve(`${error ? `failed: ${error.message}\n` : ""}${stdout}${stderr}`),
    ),
  );
  expect(output).toMatch(/--- PASS: TestProgram/);
  expect(output).not.toMatch(/^failed|--- FAIL/m);
  expect(ownImages(emulator)).toEqual([]);
});
