import { execFileSync } from "node:child_process";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defaultCredential, type Emulator, seeds, startEmulator } from "../../emulator";
import { getImage, getImageOutput, getImages, getImagesOutput } from "../../provider";

const root = path.resolve(__dirname, "../..");

/** The value of an output, and whether it is known and secret. */
const settled = async <T>(output: pulumi.Output<T>) => {
  const { isKnown, promise } = output as unknown as {
    isKnown: Promise<boolean>;
    promise(): Promise<T>;
  };
  return {
    value: await promise.call(output),
    isKnown: await isKnown,
    isSecret: await pulumi.isSecret(output),
  };
};
const unknown = <T>() => {
  const Output = pulumi.Output as unknown as new (
    resources: unknown[],
    value: Promise<unknown>,
    isKnown: Promise<boolean>,
    isSecret: Promise<boolean>,
    all: Promise<Set<unknown>>,
  ) => pulumi.Output<T>;
  return new Output(
    [],
    Promise.resolve(undefined),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve(new Set()),
  );
};

test("importing the package loads no API client and no Alibaba package, and a look-up loads no SDK", () => {
  const listed = (code: string) =>
    JSON.parse(
      execFileSync(process.execPath, ["-r", "./bench/typescript.cjs", "-e", code], { cwd: root, encoding: "utf8" }),
    ) as string[];
  const loaded = "process.stdout.write(JSON.stringify(Object.keys(require.cache)))";
  const heavy = (files: string[]) =>
    files.filter((file) => /@alicloud|provider\/(ecs\/client|lifecycle\/session)|p-retry/.test(file));
  expect(heavy(listed(`require("./provider/index.ts"); ${loaded}`))).toEqual([]);
  const after = listed(
    `require("./provider/index.ts").getImage({ imageId: "" }).catch((error) => { if ` +
      `(!/imageId/.test(error.message)) throw error; ${loaded} })`,
  );
  expect(heavy(after).some((file) => file.endsWith("provider/lifecycle/session.ts"))).toBe(true);
  expect(after.filter((file) => file.includes("@alicloud/ecs20140526"))).toEqual([]);
});

describe("in a program", () => {
  let emulator: Emulator;
  const env = { ...process.env };
  beforeEach(async () => {
    emulator = await startEmulator();
    emulator.world.images.get(seeds.publicImageId)!.imageFamily = "acs:alibaba_3";
    Object.assign(process.env, {
      ALICLOUD_ACCESS_KEY: defaultCredential.accessKeyId,
      ALICLOUD_SECRET_KEY: defaultCredential.accessKeySecret,
      ALICLOUD_REGION: "cn-hangzhou",
      ALIBABA_CLOUD_ENDPOINT_ECS: emulator.endpoint,
    });
  });
  afterEach(() => {
    process.env = { ...env };
    pulumi.runtime.setAllConfig({});
    return emulator.close();
  });

  const args = { imageFamily: "acs:alibaba_3", owners: ["system" as const] };

  test("getImage and getImages ask the cloud, with the stack's configuration before the environment's", async () => {
    expect(await getImage(args)).toMatchObject({ imageId: seeds.publicImageId, regionId: "cn-hangzhou" });
    expect(await getImages(args)).toMatchObject({
      ids: [seeds.publicImageId],
      images: [{ imageName: expect.any(String) }],
    });
    pulumi.runtime.setAllConfig({ "alicloud:region": "ap-southeast-1" });
    expect(await getImages(args)).toEqual({ ids: [], images: [] });
    expect(await getImages({ ...args, regionId: "cn-hangzhou" })).toMatchObject({ ids: [seeds.publicImageId] });
  });

  test("an error is one sentence in the program's diagnostics, without a stack", async () => {
    const error = await getImage({ imageFamily: "none" }).catch((thrown: Error) => thrown);
    const { message, stack } = error as Error;
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(stack).toBe(message);
    expect(message).toMatch(/^getImage: no image in cn-hangzhou .*imageFamily "none"/);
  });

  test("the option provider is refused, not ignored", async () => {
    await expect(getImage(args, { provider: {} as pulumi.ProviderResource })).rejects.toThrow(/provider has no effect/);
    expect(emulator.calls).toEqual([]);
  });

  test("an output waits for its arguments, is secret when one of them is, and unknown while one is", async () => {
    const plain = getImageOutput({ imageFamily: pulumi.output("acs:alibaba_3"), owners: ["system"] });
    expect(await settled(plain.imageId)).toEqual({ value: seeds.publicImageId, isKnown: true, isSecret: false });
    const secret = getImagesOutput({ imageFamily: pulumi.secret("acs:alibaba_3"), owners: ["system"] });
    expect(await settled(secret.ids)).toEqual({ value: [seeds.publicImageId], isKnown: true, isSecret: true });
    emulator.calls.splice(0);
    expect(await settled(getImageOutput({ tags: { team: unknown<string>() } }))).toMatchObject({ isKnown: false });
    expect(emulator.calls).toEqual([]);
  });
});

describe("under Pulumi's mocks", () => {
  const calls: pulumi.runtime.MockCallArgs[] = [];
  beforeEach(async () => {
    calls.splice(0);
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
      call(call) {
        calls.push(call);
        return call.token.endsWith("getImage") ? { imageId: "m-mocked" } : { ids: ["m-mocked"], images: [] };
      },
    });
  });

  test("every look-up calls its token with its arguments, and returns what the mock returns", async () => {
    expect(await getImage({ imageFamily: "web" })).toEqual({ imageId: "m-mocked" });
    expect(await getImages()).toEqual({ ids: ["m-mocked"], images: [] });
    expect((await settled(getImageOutput({ imageFamily: pulumi.output("web") }).imageId)).value).toBe("m-mocked");
    expect((await settled(getImagesOutput({ tags: { team: "a" } }).ids)).value).toEqual(["m-mocked"]);
    expect(calls.map(({ token, inputs }) => [token, inputs])).toEqual([
      ["alicloud-image:index:getImage", { imageFamily: "web" }],
      ["alicloud-image:index:getImages", {}],
      ["alicloud-image:index:getImage", { imageFamily: "web" }],
      ["alicloud-image:index:getImages", { tags: { team: "a" } }],
    ]);
  });
});
