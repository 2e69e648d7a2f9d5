// The main job, from an empty stack to an empty stack: a real Pulumi engine runs the programs in examples/ against an emulated cloud.
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
const emulator = await startEmulator({ durations: { createMs: 5_000, importMs: 5_000, exportMs: 4_000 } });
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
await mkdir(path.join(place, "backend"));

const heading = (text) => console.log(`\n${process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text}`);
/** A line of the engine, as it prints it; undefined for the stack's own rows and for what repeats on every run. */
function shortened(line) {
  const isNoise =
    /pulumi:pulumi:Stack|using pulumi-(resource|language)-|^\s*$|^ *(Diagnostics|Duration):|^(Updating|Destroying|Refreshing|Previewing|@ )|pulumi stack rm|stack have been deleted|but the history|^hello/.test(
      line,
    );
  return isNoise ? undefined : line;
}

/** A stack of one of the examples. Every command is one that a user would type. */
function stackOf(example, folder, client = ["--client", languageHost.address]) {
  const configFile = path.join(place, `${example}.yaml`);
  return async function pulumi(...words) {
    const common = ["--stack", "demo", "--non-interactive"];
    const operation = ["up", "refresh", "destroy"].includes(words[0]);
    if (operation) console.log(`$ pulumi ${words.join(" ")}`);
    const own = {
      up: ["--yes", "--skip-preview", "--config-file", configFile, ...client],
      refresh: ["--yes", "--skip-preview", "--config-file", configFile],
      destroy: ["--yes", "--skip-preview", "--config-file", configFile],
      config: ["--config-file", configFile],
      stack: [],
    }[words[0]];
    const [name, ...rest] = words;
    const args = name === "stack" ? ["stack", "init", "demo", "--non-interactive"] : [name, ...rest, ...own, ...common];
    const child = spawn(command, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let held = "";
    const show = (data) => {
      const lines = (held + data).split("\n");
      held = lines.pop();
      if (operation) for (const line of lines.map(shortened)) if (line !== undefined) console.log(`  ${line}`);
    };
    let errors = "";
    child.stdout.on("data", show);
    child.stderr.on("data", (data) => (errors += data));
    const code = await new Promise((resolve) => child.on("close", resolve));
    show("\n");
    if (code !== 0) throw new Error(`pulumi ${words.join(" ")} ended with ${code}\n${errors}`);
    if (name === "stack") await rename(path.join(folder, "Pulumi.demo.yaml"), configFile); // the demo leaves nothing in the project
  };
}

let counted = 0;
/** Prints what the cloud holds now, and how many calls were made since the last time. */
function cloud() {
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
  await golden("stack", "init");
  await golden("config", "set", "instanceId", seeds.instanceId);

  heading("pulumi up creates a golden image from an instance, and waits until it can be used.");
  await golden("up");
  cloud();

  heading("Nothing has changed, so pulumi up makes no call at all.");
  await golden("up");
  cloud();

  heading("A new description updates the image in place.");
  await golden("config", "set", "description", "Web server, patched in January");
  await golden("up");
  const [image] = cloud();

  heading("Somebody changes a tag of the image by hand. A refresh notices it, and the next up repairs it.");
  emulator.world.images.get(image.imageId).tags.set("team", "nobody");
  await golden("refresh");
  await golden("up");
  cloud();

  heading("Another instance means another image. The new one is created before the old one is deleted.");
  await golden("config", "set", "instanceId", seeds.secondInstanceId);
  await golden("up");
  cloud();

  if (yamlHost !== undefined) {
    heading("The same stack as a YAML program, with the native provider. Nothing is rebuilt: it is the same image.");
    const yaml = stackOf("golden-image", path.join(root, "examples/yaml"), []);
    const before = cloud();
    await yaml("up");
    const after = cloud();
    if (after[0].imageId !== before[0].imageId) throw new Error("the image was rebuilt");

    heading("A change from the YAML program updates it in place.");
    await yaml("config", "set", "description", "Web server, managed from YAML");
    await yaml("up");
    cloud();

    heading("pulumi destroy deletes the image, and the snapshots that ECS made for it.");
    await yaml("destroy");
  } else {
    heading("pulumi destroy deletes the image, and the snapshots that ECS made for it.");
    await golden("destroy");
  }
  cloud();

  const round = stackOf("round-trip", path.join(root, "examples/round-trip"));
  await round("stack", "init");
  await round("config", "set", "bucket", seeds.imageBucket);
  await round("config", "set", "object", seeds.imageObject);
  await round("config", "set", "exportBucket", seeds.exportBucket);

  heading("Another program imports a file from OSS, and exports the image again.");
  await round("up");
  cloud();

  heading("pulumi destroy deletes the image, and exactly the objects that the export wrote.");
  await round("destroy");
  cloud();

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
