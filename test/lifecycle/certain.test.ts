import { defaultCredential, seeds } from "../../emulator";
import { type Lab, openLab, resource } from "../support/lab";

// What a preview, a refresh and a destroy report about wrong keys, regions and servers.

const args = { snapshotId: seeds.systemSnapshotId, imageName: "golden" };
let lab: Lab;
afterEach(() => lab.close());

const preview = async (config: Record<string, string> = {}) => {
  lab = await openLab({}, config);
  return resource(lab, "CustomImage").preview(args);
};

describe("a preview", () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      "a wrong secret",
      { "alicloud:secretKey": "wrong" },
      /^checking image .*SignatureDoesNotMatch.*Check the access key/,
    ],
    ["an unknown key", { "alicloud:accessKey": "LTAIunknown" }, /InvalidAccessKeyId\.NotFound.*Check the access key/],
    [
      "a profile that is not there",
      {
        "alicloud:accessKey": "",
        "alicloud:secretKey": "",
        "alicloud:profile": "p",
        "alicloud:sharedCredentialsFile": "/no",
      },
      /the credentials file \/no cannot be read/,
    ],
  ])("refuses %s", async (_, config, reason) => {
    expect(await preview(config)).toMatchObject([{ reason: expect.stringMatching(reason) }]);
  });

  test("refuses an endpoint at which nothing listens", async () => {
    lab = await openLab();
    await lab.emulator.close();
    const failures = await resource(lab, "CustomImage").preview(args);
    expect(failures).toMatchObject([{ reason: expect.stringMatching(/ECONNREFUSED.*Check the network/) }]);
  });

  test("does not report a permission that the preview's keys lack", async () => {
    const policy = { Version: "1", Statement: [{ Effect: "Allow" as const, Action: "ecs:Describe*", Resource: "*" }] };
    lab = await openLab({ credentials: [{ ...defaultCredential, policy }] });
    expect(await resource(lab, "CustomImage").preview(args)).toEqual([]);
    expect(lab.said.warned).toEqual([]);
  });

  test("warns when the cloud gives no usable answer, and makes no calls with dryRun off", async () => {
    lab = await openLab();
    lab.emulator.intercept = () => ({ kind: "error", status: 503, code: "ServiceUnavailable" });
    expect(await resource(lab, "CustomImage").preview(args)).toEqual([]);
    expect(lab.said.warned).toMatchObject([
      expect.stringMatching(/^the cloud could not check the arguments: .*ServiceUnavailable/),
    ]);
    await lab.close();
    lab = await openLab({}, { "alicloud-image:dryRun": "false", "alicloud:secretKey": "wrong" });
    expect(await resource(lab, "CustomImage").preview(args)).toEqual([]);
    expect(lab.emulator.calls).toEqual([]);
  });

  test("names the variable whose region would replace an image", async () => {
    lab = await openLab();
    const golden = resource(lab, "CustomImage");
    await golden.up(args);
    const { id, outputs } = golden.state!;
    const elsewhere = await openLab({}, { "alicloud:region": "" }, { env: { ALICLOUD_REGION: "cn-beijing" } });
    const provider = elsewhere.process().of("CustomImage");
    const diff = await provider.diff(id, outputs, { ...golden.state!.inputs });
    expect(diff.replaces).toEqual(["regionId"]);
    expect(elsewhere.said.warned).toEqual([
      `${id} is in cn-hangzhou, and ALICLOUD_REGION names cn-beijing: this run replaces it there. To keep it, run ` +
        "pulumi config set alicloud:region cn-hangzhou",
    ]);
    await elsewhere.close();
  });
});

test("the first run with a wrong key does not mention an interrupted run", async () => {
  lab = await openLab({}, { "alicloud:accessKey": "LTAIunknown" });
  const { error } = await resource(lab, "CustomImage").up(args);
  expect(error).toMatch(/^creating image "golden" from snapshot \S+: Specified access key is not found/);
});

test.each(["refresh", "destroy"] as const)("a %s with rotated keys says where the keys come from", async (command) => {
  lab = await openLab();
  const golden = resource(lab, "CustomImage", "golden");
  await golden.up(args);
  lab.emulator.intercept = (_call, phase) =>
    phase === "before"
      ? { kind: "error", status: 403, code: "Forbidden.AccessKeyDisabled", message: "Disabled." }
      : undefined;
  const { error } = await golden[command]();
  expect(error).toMatch(
    /Disabled \(Forbidden\.AccessKeyDisabled\)\. Check the access key .* add --run-program to the command$/,
  );
  expect(error).not.toContain("RAM policy");
});

test.each<[string, object, RegExp]>([
  [
    "a region that does not exist",
    { regionId: "cn-hangzou" },
    /^(?!.*Check.*Check).*No region "cn-hangzou" is known; did you mean cn-hangzhou\? Check .* regionId\./,
  ],
  [
    "a snapshot of another region",
    { snapshotId: "s-elsewhere" },
    /Check the snapshot's id and the region\. The request went to region cn-hangzhou\./,
  ],
])("%s is named", async (_, more, message) => {
  lab = await openLab();
  expect((await resource(lab, "CustomImage").up({ ...args, ...more })).error).toMatch(message);
});
