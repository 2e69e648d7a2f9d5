import { CustomImage } from "pulumi-alicloud-image";
import { type Emulator, startEmulator } from "../../emulator";
import type { Props } from "../support/lab";
import { nightly, oneOf } from "../support/sample";
import { leadingTo, openStack, ownImages, type RigStack } from "./support";

describe("bad input and trouble", () => {
  let emulator: Emulator;
  let want: Props;
  let stack: RigStack;
  beforeAll(async () => {
    emulator = await startEmulator({ durations: { createMs: 800 } });
    stack = await openStack("bad", async () => void new CustomImage("golden", want as never), {
      config: leadingTo(emulator),
    });
  });
  afterAll(() => emulator.close());

  const system = { snapshotId: "s-emulator0system", device: "/dev/xvda" };
  const instance = { instanceId: "i-emulator0golden" };

  const rows: [string, Props, RegExp, "preview" | "up"][] = [
    ["a name of one letter", { ...instance, imageName: "x" }, /imageName must be 2 to 128 characters.*"x"/s, "preview"],
    [
      "two sources at once",
      { ...instance, snapshotId: "s-emulator0system" },
      /exactly one source.*instanceId and snapshotId/s,
      "preview",
    ],
    [
      "eighteen disks",
      { diskDeviceMappings: [system, ...Array.from({ length: 17 }, () => ({ size: 40 }))] },
      /1 to 17, not 18/,
      "preview",
    ],
    [
      "the system's device on a data disk",
      { diskDeviceMappings: [system, { snapshotId: "s-emulator0data", device: "/dev/xvda", diskType: "data" }] },
      /is for the system disk; a data disk takes/,
      "preview",
    ],
    ["a size of 4", { diskDeviceMappings: [system, { size: 4 }] }, /5 to 32768 GiB, not 4/, "preview"],
    ["a tag key of the cloud's own", { ...instance, tags: { "acs:x": "1" } }, /tags\["acs:x"\]/, "preview"],
    [
      "everything at once",
      { imageName: "x", description: "x", bootMode: "x" },
      /imageName.*description.*bootMode/s,
      "preview",
    ],
    [
      "a snapshot that does not exist",
      { snapshotId: "s-nowhere" },
      /s-nowhere.*InvalidSnapshotId\.NotFound.*RequestId/s,
      "up",
    ],
    ["a locked instance", { instanceId: "i-emulator0locked" }, /InstanceLockedForSecurity.*Unlock/s, "up"],
  ];
  test.each(oneOf(3, rows))(
    "%s: one clear sentence without a stack trace, nothing created, nothing lost",
    async (_what, args, says, when) => {
      want = args;
      const run = when === "preview" ? await stack.preview() : await stack.up();
      expect(run.error).toBeDefined();
      const errors = run.messages
        .filter(({ severity }) => severity === "error")
        .map(({ text }) => text)
        .join("\n");
      expect(errors).toMatch(says);
      expect(run.stdout + run.stderr).not.toMatch(/\n\s+at .*(\.js|\.ts|node:)/);
      expect(stack.state().resources).toEqual([]);
      expect(ownImages(emulator)).toEqual([]);
    },
  );

  test("a wrong access key: one sentence without the key", async () => {
    want = instance;
    await stack.setConfig("alicloud:accessKey", { value: "LTAI5tNobodyKnowsThis", secret: true });
    const run = await stack.up();
    const errors = run.messages
      .filter(({ severity }) => severity === "error")
      .map(({ text }) => text)
      .join("\n");
    expect(errors).toMatch(/access key/);
    expect(run.stdout + run.stderr + stack.state().text).not.toContain("LTAI5tNobodyKnowsThis");
    expect(stack.state().resources).toEqual([]);
    await stack.setConfig("alicloud:accessKey", { value: "emulator-key", secret: true });
  });

  nightly("an endpoint that refuses connections: one sentence that names it", async () => {
    want = instance;
    await stack.setConfig("alicloud:endpoints", JSON.stringify({ ecs: "http://127.0.0.1:9" }));
    const run = await stack.up();
    const errors = run.messages
      .filter(({ severity }) => severity === "error")
      .map(({ text }) => text)
      .join("\n");
    expect(errors).toMatch(/127\.0\.0\.1:9/);
    expect(stack.state().resources).toEqual([]);
  });
});
