import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { manualClock } from "../../emulator/clock";
import { resourceOf, tokenOf } from "../../provider/hosts/native/package";
import * as methods from "../../provider/hosts/native/resources";
import { type Props, propsOf, structOf } from "../../provider/hosts/native/values";
import { Session } from "../../provider/lifecycle/session";

// What only a native provider gets from the engine: ignored changes, names, and values of YAML.

const { UPDATE, ADD, DELETE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
const { PROPOSE, ENFORCE, DISABLE } = pb.CheckRequest.AutonamingOptions.Mode;
const urnOf = (type: string) => `urn:pulumi:dev::golden::alicloud-image:index:${type}::web`;

function resource(type: string, region = "cn-hangzhou"): methods.Resource {
  const progress = { show: () => {}, note: () => {}, warn: () => {}, flush: () => Promise.resolve() };
  const session = new Session({ env: {}, clock: manualClock(), progress });
  session.configure((key) => (key === "alicloud:region" ? region : undefined));
  return { ...resourceOf(tokenOf(type), session)!, signal: new AbortController().signal };
}

async function diff(type: string, olds: Props, news: Props, ignored: string[] = [], region?: string) {
  const request = new pb.DiffRequest().setId("x-1").setUrn(urnOf(type));
  request.setOlds(structOf(olds)).setNews(structOf(news)).setIgnorechangesList(ignored);
  const answer = await methods.diff(request, resource(type, region));
  const kinds = answer.getDetaileddiffMap().toArray() as unknown as [string, pb.PropertyDiff.AsObject][];
  const detailed = answer.getDetaileddiffMap().entries();
  const shown: Record<string, pb.PropertyDiff.Kind> = {};
  for (let next = detailed.next(); !next.done; next = detailed.next()) shown[next.value[0]] = next.value[1].getKind();
  return { count: kinds.length, shown, replaces: answer.getReplacesList() };
}

const image = { instanceId: "i-1", regionId: "cn-hangzhou", imageId: "m-1", status: "Available", usable: true };

describe("a diff", () => {
  test("leaves out a default region that the program ignores", async () => {
    const args = { imageId: "m-1", accountIds: ["1"] };
    const olds = { ...args, regionId: "cn-hangzhou" };
    expect((await diff("ImageSharePermission", olds, args, [], "cn-beijing")).replaces).toEqual(["regionId"]);
    expect((await diff("ImageSharePermission", olds, args, ["regionId"], "cn-beijing")).count).toBe(0);
    expect((await diff("ImageSharePermission", olds, args, ["*"], "cn-beijing")).count).toBe(0);
  });

  test("leaves out a changed file in OSS that the program ignores, and nothing else", async () => {
    const args = { diskDeviceMappings: [{ ossBucket: "images", ossObject: "base.raw" }], trackSource: true };
    const olds = { ...args, regionId: "cn-hangzhou", sourceETags: ["a"], status: "Available", usable: true };
    const news = { ...args, sourceETags: ["b"], osType: "windows" };
    const { replaces } = await diff("ImportedImage", { ...olds, osType: "linux" }, news, ["sourceETags"]);
    expect(replaces).toEqual(["osType"]);
  });

  test("names each difference and its kind: added, changed or removed", async () => {
    const olds = { ...image, tags: { env: "b", team: "web", "a.b": "1" }, features: { nvmeSupport: "supported" } };
    const news = { instanceId: "i-1", tags: { env: "c", tier: "1" }, features: { nvmeSupport: "unsupported" } };
    expect((await diff("CustomImage", olds, news)).shown).toEqual({
      "tags.env": UPDATE,
      "tags.team": DELETE,
      "tags.tier": ADD,
      'tags["a.b"]': DELETE,
      "features.nvmeSupport": UPDATE,
    });
    expect((await diff("CustomImage", olds, { instanceId: "i-1", features: olds.features })).shown).toEqual({
      "tags.env": DELETE,
      "tags.team": DELETE,
      'tags["a.b"]': DELETE,
    });
  });

  test("names the disk that differs, without values that the cloud filled in", async () => {
    const have = [{ snapshotId: "s-1", size: 40, device: "/dev/xvda", diskType: "system" }];
    const { instanceId: _, ...olds } = { ...image, diskDeviceMappings: have };
    const news = { diskDeviceMappings: [{ snapshotId: "s-1", size: 60, device: "/dev/xvda" }] };
    expect((await diff("CustomImage", olds, news)).shown).toEqual({ "diskDeviceMappings[0].size": UPDATE_REPLACE });
  });
});

describe("a check", () => {
  const check = async (type: string, news: Props, olds: Props = {}, fill = (_request: pb.CheckRequest) => {}) => {
    const request = new pb.CheckRequest().setUrn(urnOf(type)).setOlds(structOf(olds)).setNews(structOf(news));
    fill(request);
    const answer = await methods.check(request, resource(type));
    return {
      inputs: propsOf(answer.getInputs()),
      failures: answer.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`),
    };
  };
  const naming =
    (mode: pb.CheckRequest.AutonamingOptions.Mode, name = "") =>
    (request: pb.CheckRequest) =>
      void request.setAutonaming(new pb.CheckRequest.AutonamingOptions().setMode(mode).setProposedName(name));
  const args = { instanceId: "i-1" };

  test("takes the name from the stack's naming rules, unless the program gives one", async () => {
    const proposed = naming(PROPOSE, "corp/web:1");
    expect((await check("CustomImage", args, {}, proposed)).inputs["imageName"]).toBe("corp-web:1");
    const own = { ...args, imageName: "mine" };
    expect((await check("CustomImage", own, {}, naming(ENFORCE, "corp"))).inputs["imageName"]).toBe("mine");
    expect(
      (await check("ImageExport", { imageId: "m-1", ossBucket: "archive" }, {}, proposed)).inputs,
    ).not.toHaveProperty("imageName");
  });

  test("refuses an enforced name that ECS does not accept, and a missing one without automatic names", async () => {
    const enforced = await check("CustomImage", args, {}, naming(ENFORCE, "corp/web"));
    expect(enforced.failures).toEqual([expect.stringMatching(/^imageName: imageName must be .*"corp\/web"$/)]);
    const disabled = await check("CustomImage", args, {}, naming(DISABLE));
    expect(disabled.failures).toEqual([
      expect.stringMatching(/^imageName: .*pulumi:autonaming.*give the image a name$/),
    ]);
  });

  test("leaves an existing image its name when the stack's rule changes", async () => {
    const named = { ...args, imageName: "corp-web" };
    expect((await check("CustomImage", args, named, naming(ENFORCE, "another"))).inputs["imageName"]).toBe("corp-web");
    for (const rule of [naming(ENFORCE, "another"), naming(DISABLE)]) {
      const { inputs, failures } = await check("CustomImage", args, args, rule);
      expect([inputs["imageName"], failures]).toEqual([undefined, []]);
    }
  });

  test("gives a preview and its update the same automatic name", async () => {
    const seeded = (seed: string) =>
      check("CustomImage", args, {}, (request) => void request.setRandomseed(Buffer.from(seed)));
    const [one, same, other] = await Promise.all(["1", "1", "2"].map(seeded));
    expect(one!.inputs["imageName"]).toMatch(/^web-[0-9a-f]{7}$/);
    expect(same!.inputs["imageName"]).toBe(one!.inputs["imageName"]);
    expect(other!.inputs["imageName"]).not.toBe(one!.inputs["imageName"]);
  });

  test("accepts numbers and booleans from YAML as strings, except a number that lost digits", async () => {
    const tags = { build: 42, prod: true, v: 1.5 };
    expect((await check("CustomImage", { ...args, tags, description: 2026 }, {})).inputs).toMatchObject({
      tags: { build: "42", prod: "true", v: "1.5" },
      description: "2026",
    });
    const share = await check("ImageSharePermission", { imageId: "m-1", accountIds: [2222222222222222] });
    expect([share.inputs["accountIds"], share.failures]).toEqual([["2222222222222222"], []]);
    const inexact = await check("ImageSharePermission", { imageId: "m-1", accountIds: [2 ** 60] });
    expect(inexact.failures).toEqual([expect.stringMatching(/^accountIds\[0\]: .*must be a string/)]);
  });
});
