import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Emulator, seeds, startEmulator } from "../../../emulator";
import { systemClock } from "../../../provider/wait/clock";
import { configLeadingTo, openProject, type Project, pluginFolder, withTools, yamlFiles } from "./support";

const TEN_MINUTES = 600_000;

// Ctrl-C at a terminal: SIGINT to the engine, which calls Cancel, and then ends the plugin.

withTools("Ctrl-C", () => {
  let emulator: Emulator;
  let laterMs = 0;
  let project: Project;
  let plugin: string;
  beforeAll(() => {
    plugin = pluginFolder();
  });
  afterEach(() => emulator.close());

  const program = (resource: object) => yamlFiles("cancel", plugin, { resources: { golden: resource } });
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
  const own = () => [...emulator.world.images.values()].filter(({ owner }) => owner === "self");

  async function interruptedAt(action: string, resource: object): Promise<void> {
    project = await openProject("cancel", { files: program(resource), config: configLeadingTo(emulator) });
    const engine = project.start("up", "--yes", "--skip-preview");
    await until(() => emulator.calls.some((call) => call.action === action));
    const left = once(engine, "close");
    engine.kill("SIGINT");
    await left;
  }

  test.each([
    ["a CreateImage", "CreateImage", customImage()],
    ["an ImportImage", "ImportImage", importedImage],
  ])(
    "after %s: what was begun is recorded as unfinished, and the next up goes on with it",
    async (_name, action, resource) => {
      laterMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + laterMs };
      emulator = await startEmulator({ clock, durations: { createMs: TEN_MINUTES, importMs: TEN_MINUTES } });
      await interruptedAt(action, resource);
      const [recorded] = project.resources();
      expect(recorded).toMatchObject({ id: own()[0]!.imageId, outputs: { imageId: own()[0]!.imageId } });
      expect(recorded!.initErrors?.[0]).toMatch(/recorded as unfinished/);

      laterMs = TEN_MINUTES;
      await project.pulumi("up", "--yes", "--skip-preview");
      expect(own().map(({ imageId }) => imageId)).toEqual([recorded!.id]);
      expect(project.resources()[0]!.outputs["status"]).toBe("Available");
      expect(project.resources()[0]!.initErrors ?? []).toEqual([]);
    },
    60_000,
  );

  test("while a call is never answered: the engine ends all the same, and nothing is recorded", async () => {
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
  }, 60_000);
});

const until = async (reached: () => boolean): Promise<void> => {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 20));
};
