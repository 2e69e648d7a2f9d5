// The main job, from an empty stack to an empty stack: a real Pulumi engine runs the programs in examples/ against an
// emulated cloud.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { emulatedEnvironment } from "./emulated-environment.mjs";
import { engine } from "./engine.mjs";
import { serveLanguageHost } from "./language-host.mjs";
import { languageTools } from "./language-tools.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { startEmulator, seeds } = createRequire(import.meta.url)("pulumi-alicloud-image/emulator");

const place = await mkdtemp(path.join(tmpdir(), "alicloud-image-demo-"));
/** Long enough for each wait to show a row or two. */
const durations = { createMs: 1_500, importMs: 1_500, exportMs: 1_500, bootMs: 1_000, commandMs: 500, releaseMs: 500 };
const emulator = await startEmulator({ durations, quirks: { snapshotsHeldAfterDeleteMs: 0 } });
// The first image takes longer: the engine is killed half way, and the next run waits for the rest.
emulator.world.scenarios.push({ for: "CreateImage", durationMs: 5_000 });
const languageHost = await serveLanguageHost();
const { command, version } = await engine();
const yamlHost = await languageTools().then(
  ({ folder }) => folder,
  () => undefined,
);

const environment = emulatedEnvironment(
  place,
  emulator,
  path.dirname(command),
  path.join(root, "node_modules/@pulumi/pulumi"),
  ...(yamlHost === undefined ? [] : [yamlHost, root]), // in root is pulumi-resource-alicloud-image
);
// Saves half the time of a run: Pulumi need not type-check the programs, because the tests do.
process.env.PULUMI_NODEJS_TRANSPILE_ONLY = "true"; // programs get the environment of this process
await mkdir(path.join(place, "backend"));

const heading = (text) => console.log(`\n${process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text}`);
const NOISE = [
  /pulumi:pulumi:Stack|using pulumi-(resource|language)-|^\s*$|^ *(Diagnostics|Duration):|^hello/,
  /^(Updating|Destroying|Refreshing|Previewing|@ )|pulumi stack rm|stack have been deleted|but the history/,
  /These resources are in an unknown|Once you have confirmed|Note that `pulumi refresh`/,
];
/** A line of the engine, as it prints it; undefined for the stack's own rows and for what repeats on every run. */
function shortened(line) {
  return NOISE.some((noise) => noise.test(line)) ? undefined : line;
}

/** The last arguments of each command, besides the stack. */
const optionsOf = (configFile, client) => ({
  up: ["--yes", "--skip-preview", "--config-file", configFile, ...client],
  refresh: ["--yes", "--skip-preview", "--config-file", configFile],
  destroy: ["--yes", "--skip-preview", "--config-file", configFile],
  cancel: ["--yes"],
  stack: [],
});

const quoted = (word) => (word.includes(" ") ? `'${word}'` : word);

/** Starts a command with these arguments, and shows what it prints. */
function started(words, options, folder) {
  const isShown = words[0] !== "stack";
  if (isShown) console.log(`$ pulumi ${words.map(quoted).join(" ")}`);
  const stack = words[0] === "stack" ? [] : words[0] === "cancel" ? ["demo"] : ["--stack", "demo"];
  const args = [...words, ...options, "--non-interactive", ...stack];
  const child = spawn(command, args, { cwd: folder, env: environment });
  const show = printer(isShown);
  let errors = "";
  child.stdout.on("data", show);
  child.stderr.on("data", (data) => (errors += data));
  const ended = new Promise((resolve) => child.on("close", resolve)).then((code) => {
    show("\n");
    return { code, errors };
  });
  return { child, ended };
}

/** Prints whole lines, shortened, as they come. */
function printer(isShown) {
  let held = "";
  return (data) => {
    const lines = (held + data).split("\n");
    held = lines.pop();
    if (!isShown) return;
    for (const line of lines.map(shortened)) if (line !== undefined) console.log(`  ${line}`);
  };
}

/** `-c key=value` for each: pulumi up keeps it in the stack's configuration. */
const configured = (values) => Object.entries(values).flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/** A stack of one of the examples. Every command is one that a user would type. */
function stackOf(example, folder, client = ["--client", languageHost.address]) {
  const configFile = path.join(place, `${example}.yaml`);
  const start = (...words) => started(words, optionsOf(configFile, client)[words[0]], folder);
  return {
    async pulumi(...words) {
      const { code, errors } = await start(...words).ended;
      if (code !== 0) throw new Error(`pulumi ${words.join(" ")} ended with ${code}\n${errors}`);
    },
    async init() {
      await this.pulumi("stack", "init", "demo");
      await rename(path.join(folder, "Pulumi.demo.yaml"), configFile); // the demo leaves nothing in the project
    },
    async up(values = {}) {
      await this.pulumi("up", ...configured(values));
    },
    async upFails(values) {
      const { code } = await start("up", ...configured(values)).ended;
      if (code === 0) throw new Error("pulumi up did not fail");
    },
    /** Runs pulumi up, and kills the engine when the image has reached this percentage. */
    async upKilledAt(percent, values) {
      const { child, ended } = start("up", ...configured(values));
      const look = setInterval(() => {
        if (percentMade() < percent) return;
        clearInterval(look);
        child.kill("SIGKILL");
      }, 50);
      await ended;
      clearInterval(look);
      console.log("  Killed");
    },
  };
}

/** How many percent of the image are made. */
function percentMade() {
  const made = [...emulator.world.images.values()].find(({ owner }) => owner === "self")?.span;
  return made ? ((emulator.now() - made.startMs) / made.durationMs) * 100 : 0;
}

let counted = 0;
/** Prints what the cloud holds, and how many calls were made since the last time. Returns the images. */
function printCloud() {
  const images = [...emulator.world.images.values()].filter(({ owner }) => owner === "self");
  const files = [...emulator.world.buckets.get(seeds.exportBucket).objects.keys()];
  const calls = emulator.calls.length - counted;
  counted = emulator.calls.length;
  for (const { imageId, imageName, description, tags } of images)
    console.log(`  in the cloud: image ${imageId} ${imageName}, "${description}", team ${tags.get("team") ?? "-"}`);
  for (const key of files) console.log(`  in the cloud: object oss://${seeds.exportBucket}/${key}`);
  if (images.length + files.length === 0) console.log("  in the cloud: nothing of ours");
  console.log(`  calls to the cloud: ${calls}`);
  return images;
}

try {
  console.log(
    `Pulumi ${version}, and an emulated ECS and OSS at ${emulator.endpoint}. The programs are those in examples/.`,
  );

  const golden = stackOf("golden-image", path.join(root, "examples/golden-image"));
  await golden.init();

  heading("pulumi up creates a golden image from an instance. The job is killed when 40 percent are done.");
  await golden.upKilledAt(40, { instanceId: seeds.instanceId });
  printCloud();

  heading("The next pulumi up takes over the image that the killed one started. There is no second one.");
  await golden.pulumi("cancel");
  await golden.up();
  const [image, second] = printCloud();
  if (second !== undefined) throw new Error("there are two images");

  heading("Somebody changes a tag of the image by hand. A refresh notices it.");
  image.tags.set("team", "nobody");
  await golden.pulumi("refresh", "--clear-pending-creates"); // Pulumi remembers the interrupted creation until then
  printCloud();

  heading("The next up repairs it, and changes the description. Both are updates in place.");
  await golden.up({ description: "Web server, patched in January" });
  printCloud();

  heading("Another instance means another image. The new one is created before the old one is deleted.");
  await golden.up({ instanceId: seeds.secondInstanceId });
  const [replacement] = printCloud();

  let last = golden;
  if (yamlHost !== undefined) {
    heading("The same stack as a YAML program, with the native provider. Nothing is rebuilt: it is the same image.");
    last = stackOf("golden-image", path.join(root, "examples/yaml"), []);
    await last.up({ description: "Web server, managed from YAML" });
    if (printCloud()[0].imageId !== replacement.imageId) throw new Error("the image was rebuilt");
  }

  heading("Nothing has changed, so pulumi up makes no calls.");
  await last.up();
  printCloud();

  heading("pulumi destroy deletes the image, and the snapshots that ECS made for it.");
  await last.pulumi("destroy");
  printCloud();

  const round = stackOf("round-trip", path.join(root, "examples/round-trip"));
  await round.init();

  heading("Another program imports a file from OSS, and exports the image again.");
  await round.up({ bucket: seeds.imageBucket, object: seeds.imageObject, exportBucket: seeds.exportBucket });
  printCloud();

  heading("pulumi destroy deletes the image, and exactly the objects that the export wrote.");
  await round.pulumi("destroy");
  printCloud();

  const tested = stackOf("tested-image", path.join(root, "examples/tested-image"));
  await tested.init();
  const { instanceId, vSwitchId, securityGroupId } = seeds;

  heading("An image with a test: an instance of it runs a command before the image gets its family.");
  await tested.up({ instanceId, vSwitchId, securityGroupId, command: "echo nginx is there" });
  const [proven] = printCloud();

  heading("The next one fails its test. It never reaches the fleet: the family has the image that passed.");
  await tested.upFails({ command: "echo nginx is missing; exit 3", build: "second" });
  const family = [...emulator.world.images.values()].filter(({ imageFamily }) => imageFamily === "web-server");
  if (family.length !== 1 || family[0].imageId !== proven.imageId) throw new Error("the family has another image");
  printCloud();
  await tested.pulumi("destroy");
  printCloud();

  const left = [...emulator.world.images.values(), ...emulator.world.snapshots.values()].filter(({ tags }) =>
    [...tags.keys()].some((key) => key.startsWith("pulumi-alicloud-image:")),
  );
  if (left.length > 0) throw new Error(`the cloud still holds ${left.length} things of ours`);
  heading("That is all. The cloud holds nothing of ours any more.");
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
} finally {
  languageHost.close();
  await emulator.close();
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
}
