import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { systemClock } from "../../../provider/wait/clock";
import { isFull, nightly } from "../../support/sample";
import { ownImages } from "../support";
import { configLeadingTo, openProject, type Project, withTools, yamlFiles } from "./support";

const TEN_MINUTES = 600_000;

// Ctrl-C at a terminal: SIGINT to the engine, which calls Cancel, and then ends the plugin.

withTools("Ctrl-C", () => {
  let emulator: Emulator;
  let laterMs = 0;
  let project: Project;
  afterEach(() => emulator.close());

  const program = (resource: object) => yamlFiles("cancel", { resources: { golden: resource } });
  const customImage = (properties: object = {}) => ({
    type: "alicloud-image:index:CustomImage",
    properties: { instanceId: seeds.instanceId, ...properties },
  });
  const importedImage = {
    type: "alicloud-image:index:ImportedImage",
    properties: {
      diskDeviceMappings: [{ ossBucket: seeds.imageBucket, ossObject: seeds.imageObject }],
      architecture: "x86_64",
      osType: "linux",
      platform: "Debian",
    },
  };
  const own = () => ownImages(emulator);

  const open = async (resource: object) => {
    project = await openProject("cancel", { files: program(resource), config: configLeadingTo(emulator) });
  };
  /** Runs a command, and interrupts it as soon as it makes this call. */
  async function interruptedAt(action: string, command = "up"): Promise<void> {
    const calls = emulator.calls.length;
    const engine = project.start(command, "--yes", "--skip-preview");
    await until(() => emulator.calls.slice(calls).some((call) => call.action === action));
    const left = once(engine, "close");
    engine.kill("SIGINT");
    await left;
  }

  const begun: [name: string, action: string, resource: object][] = [
    ["a CreateImage", "CreateImage", customImage()],
    ["an ImportImage", "ImportImage", importedImage],
  ];
  test.each(isFull ? begun : begun.slice(0, 1))(
    "after %s: what was started is recorded as unfinished, and the next up continues with it",
    async (_name, action, resource) => {
      laterMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + laterMs };
      emulator = await startEmulator({ clock, durations: { createMs: TEN_MINUTES, importMs: TEN_MINUTES } });
      await open(resource);
      await interruptedAt(action);
      const [recorded] = project.resources();
      expect(recorded).toMatchObject({ id: own()[0]!.imageId, outputs: { imageId: own()[0]!.imageId } });
      expect(recorded!.initErrors?.[0]).toMatch(/recorded as unfinished/);

      laterMs = TEN_MINUTES;
      await project.pulumi("up", "--yes", "--skip-preview");
      expect(own().map(({ imageId }) => imageId)).toEqual([recorded!.id]);
      expect(project.resources()[0]!.outputs["status"]).toBe("Available");
      expect(project.resources()[0]!.initErrors ?? []).toEqual([]);
    },
  );

  nightly(
    "after the CreateImage of a GoldenImage: the next up goes on with it, and makes its copy",
    async () => {
      laterMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + laterMs };
      emulator = await startEmulator({ clock, durations: { createMs: TEN_MINUTES, copyMs: 200 } });
      const source = { instanceId: seeds.instanceId };
      await open({ type: "alicloud-image:index:GoldenImage", properties: { source, regions: ["cn-beijing"] } });
      await interruptedAt("CreateImage");
      const [image] = own();
      expect(project.resources().map(({ id }) => id)).toEqual([undefined, image!.imageId]);

      laterMs = TEN_MINUTES;
      await project.pulumi("up", "--yes", "--skip-preview");
      expect(own().map(({ regionId }) => regionId)).toEqual(["cn-hangzhou", "cn-beijing"]);
      expect(project.resources().map(({ id }) => id)).toEqual([undefined, ...own().map(({ imageId }) => imageId)]);
    },
    60_000,
  );

  /**
   * An image whose tag a program changes; `command` is interrupted while the cloud does not answer `action`, and then
   * run again.
   */
  async function madeThenInterrupted(command: string, action: string): Promise<void> {
    emulator = await startEmulator({ durations: { createMs: 200 } });
    await open(customImage({ tags: { team: "web" } }));
    await project.pulumi("up", "--yes", "--skip-preview");
    project.write(program(customImage({ tags: { team: "platform" } })));
    const [calls, made] = [emulator.calls.length, own()[0]!.imageId];
    emulator.intercept = (call, phase) =>
      call.action === action && phase === "before" ? new Promise(() => undefined) : undefined;
    await interruptedAt(action, command);
    emulator.intercept = undefined;
    expect(emulator.calls.slice(calls).some((call) => call.action === action && call.effect)).toBe(false);
    expect(project.resources().map(({ id }) => id)).toEqual([made]);
  }

  test("in an update: the image stays in the state, and the next up continues with the update", async () => {
    await madeThenInterrupted("up", "TagResources");
    expect(project.resources()[0]!.initErrors?.[0]).toMatch(/the run was cancelled before TagResources was answered/);
    await project.pulumi("up", "--yes", "--skip-preview");
    expect(own().map(({ tags }) => tags.get("team"))).toEqual(["platform"]);
    expect(project.resources()[0]!.initErrors ?? []).toEqual([]);
  });

  nightly("in a refresh that waits for a list to show the image: the state keeps the image", async () => {
    emulator = await startEmulator({ durations: { createMs: 200 } });
    await open(customImage());
    await project.pulumi("up", "--yes", "--skip-preview");
    const [made] = own();
    emulator.hide(made!.imageId, TEN_MINUTES);
    await interruptedAt("DescribeImages", "refresh");
    expect(project.resources().map(({ id }) => id)).toEqual([made!.imageId]);
  });

  nightly("in a destroy: the image stays in the state, and the next destroy deletes it", async () => {
    await madeThenInterrupted("destroy", "DeleteImage");
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(own()).toEqual([]);
    expect(project.resources()).toEqual([]);
  });

  nightly("while a call is never answered: the engine ends all the same, and nothing is recorded", async () => {
    emulator = await startEmulator();
    const connected: Socket[] = [];
    const silent = createServer((socket) => void connected.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    project = await openProject("cancel", { files: program(customImage()), config: configLeadingTo({ endpoint }) });
    const engine = project.start("up", "--yes", "--skip-preview");
    await until(() => connected.length > 0);
    const left = once(engine, "close");
    engine.kill("SIGINT");
    await left;
    expect(project.resources()).toEqual([]);
    for (const socket of connected) socket.destroy();
    silent.close();
  });
});

const until = async (reached: () => boolean): Promise<void> => {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 20));
};
