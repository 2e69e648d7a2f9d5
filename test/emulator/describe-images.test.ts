import { type Emulator, type ImageRecord, seeds, startEmulator, type World } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import { ecs, officialClient } from "./official-client";
import { call } from "./signed-call";

let clock: ManualClock;
let emulator: Emulator;
let world: World;
beforeEach(async () => {
  clock = manualClock();
  emulator = await startEmulator({ clock });
  world = emulator.world;
});
afterEach(() => emulator.close());

/** Finished images of the account, as many as asked for, the first one the oldest. */
function add(count: number, change: (n: number) => Partial<ImageRecord> = () => ({})): string[] {
  const pattern = world.images.get(seeds.publicImageId)!;
  return Array.from({ length: count }, (_, n) => {
    const imageId = `m-${String(n).padStart(5, "0")}`;
    world.images.set(imageId, {
      ...pattern,
      imageId,
      imageName: `image-${n}`,
      owner: "self",
      ownerId: world.account.accountId,
      isPublic: false,
      imageFamily: "",
      tags: new Map(),
      ...change(n),
    });
    return imageId;
  });
}
const describe = (params: Record<string, string>) =>
  call(emulator, "DescribeImages", { ImageOwnerAlias: "self", ...params });
const idsOf = async (params: Record<string, string>): Promise<string[]> =>
  (await describe(params)).body.Images.Image.map((image: any) => image.ImageId);
const codeOf = async (params: Record<string, string>) => {
  const { status, body } = await describe(params);
  return [status, body.Code];
};

test("without a status only available images are shown; a list of statuses and ALL show the others", async () => {
  const statuses = ["Waiting", "Creating", "Available", "UnAvailable", "CreateFailed", "Deprecated"];
  const ids = add(6, (n) => ({ statusShown: statuses[n]! }));
  expect(await idsOf({})).toEqual([ids[2]]);
  expect(await idsOf({ ImageId: ids.join(",") })).toEqual([ids[2]]);
  expect((await idsOf({ Status: "Creating,Waiting" })).sort()).toEqual([ids[0], ids[1]]);
  expect((await idsOf({ Status: "ALL" })).sort()).toEqual(ids);
  expect(await codeOf({ Status: "ALL,Creating" })).toEqual([400, "InvalidParamter"]);
  expect(await codeOf({ Status: "Ready" })).toEqual([400, "InvalidParamter"]);
});

test("a page has 10 images by default and 100 at most, and every image is on exactly one page", async () => {
  const ids = add(203);
  const first = (await describe({})).body;
  expect([first.Images.Image.length, first.TotalCount, first.PageNumber, first.PageSize]).toEqual([10, 203, 1, 10]);
  const pages = await Promise.all([1, 2, 3, 4].map((n) => idsOf({ PageSize: "100", PageNumber: String(n) })));
  expect(pages.map((page) => page.length)).toEqual([100, 100, 3, 0]);
  expect(pages.flat().sort()).toEqual(ids);
  expect(await codeOf({ PageSize: "101" })).toEqual([400, "InvalidParamter"]);
  expect(await codeOf({ PageNumber: "0" })).toEqual([400, "InvalidParamter"]);
});

test("a hundred ids are accepted at once, a hundred and one are not", async () => {
  const ids = add(101);
  expect(await idsOf({ ImageId: ids.slice(0, 100).join(","), PageSize: "100" })).toHaveLength(100);
  expect(await codeOf({ ImageId: ids.join(",") })).toEqual([400, "InvalidParamter"]);
  expect(await idsOf({ ImageId: `${ids[0]},m-none` })).toEqual([ids[0]]);
});

test("filters narrow the list, each by its own attribute and all together", async () => {
  const [mine, other] = add(2, (n) => ({
    imageFamily: n === 0 ? "golden" : "",
    tags: new Map(
      n === 0
        ? [
            ["a", "1"],
            ["b", ""],
          ]
        : [["a", "2"]],
    ),
    architecture: n === 0 ? "arm64" : "x86_64",
    osType: n === 0 ? "linux" : "windows",
    resourceGroupId: n === 0 ? seeds.resourceGroupId : "",
    createdMs: clock.now() - (n === 0 ? 0 : 86_400_000),
    usableFromMs: n === 0 ? 0 : Infinity,
    diskMappings: [
      {
        type: "system",
        device: "/dev/xvda",
        size: 40,
        snapshotId: n === 0 ? seeds.systemSnapshotId : "",
        format: "",
        encrypted: false,
        importBucket: "",
        importObject: "",
      },
    ],
  })) as [string, string];
  world.instances.get(seeds.instanceId)!.imageId = mine;
  for (const params of [
    { ImageName: "image-0" },
    { ImageName: "*-0" },
    { ImageFamily: "golden" },
    { "Tag.1.Key": "a", "Tag.1.Value": "1" },
    { "Tag.1.key": "b" },
    { "Tag.1.Key": "a", "Tag.2.Key": "b" },
    { Architecture: "arm64" },
    { OSType: "linux" },
    { ResourceGroupId: seeds.resourceGroupId },
    { SnapshotId: seeds.systemSnapshotId },
    { Usage: "instance" },
    { Usable: "true", Status: "Available" },
    { "Filter.1.Key": "CreationStartTime", "Filter.1.Value": "2025-12-31T12:00Z" },
  ] as Record<string, string>[]) {
    expect([params, await idsOf(params)]).toEqual([params, [mine]]);
  }
  expect(await idsOf({ Usage: "none", Usable: "false", Status: "ALL" })).toEqual([other]);
});

test("a name is found by any part of it", async () => {
  const ids = add(12);
  expect(await idsOf({ ImageName: "image-1" })).toEqual([ids[11], ids[10], ids[1]]);
  expect(await idsOf({ ImageName: "image-1*" })).toEqual([ids[11], ids[10], ids[1]]);
  expect(await idsOf({ ImageName: "age-1" })).toHaveLength(3);
  expect(await idsOf({ ImageName: "Image-1" })).toEqual([]);
});

test("a tag filter finds a thousand images, and silently drops the rest", async () => {
  add(1001, () => ({ tags: new Map([["team", "web"]]) }));
  const { body } = await describe({ "Tag.1.Key": "team", PageSize: "100", PageNumber: "11" });
  expect([body.TotalCount, body.Images.Image]).toEqual([1000, []]);
  expect((await describe({})).body.TotalCount).toBe(1001);
});

test.each([
  [{ ImageOwnerAlias: "mine" }, 400, "InvalidImageOwnerAlias.ValueNotSupported"],
  [{ OSType: "beos" }, 404, "InvalidOSType"],
  [{ Architecture: "riscv" }, 404, "InvalidArchitecture"],
  [{ Usage: "disk" }, 404, "InvalidUsage"],
  [{ "Tag.1.Value": "1" }, 400, "InvalidTag.Mismatch"],
  [{ "Tag.21.Key": "1" }, 400, "InvalidTagCount"],
  [{ "Filter.1.Key": "Size", "Filter.1.Value": "1" }, 404, "InvalidFilterKey.NotFound"],
  [{ Usable: "true" }, 400, "MissingParameter"],
  [{ RegionId: "mars-1" }, 404, "InvalidRegionId.NotFound"],
  [{ RegionId: "" }, 400, "MissingParameter"],
  [{ DryRun: "true" }, 400, "DryRunOperation"],
])("%j is answered with %i %s", async (params, status, code) => {
  add(1);
  expect(await codeOf(params as Record<string, string>)).toEqual([status, code]);
});

test("public images are listed without being one's own; marketplace images only on request", async () => {
  add(3, (n) => (["self", "others", "marketplace"] as const).map((owner) => ({ owner }))[n]!);
  const owners = async (alias: string) =>
    (await call(emulator, "DescribeImages", alias ? { ImageOwnerAlias: alias } : {})).body.Images.Image.map(
      (image: any) => image.ImageOwnerAlias,
    ).sort();
  expect(await owners("")).toEqual(["others", "self", "system", "system"]);
  expect(await owners("marketplace")).toEqual(["marketplace"]);
  expect(await owners("system")).toEqual(["system", "system"]);
});

test("images of another region are not shown", async () => {
  add(1, () => ({ regionId: "ap-southeast-1" }));
  expect(await idsOf({ Status: "ALL" })).toEqual([]);
  expect(await idsOf({ Status: "ALL", RegionId: "ap-southeast-1" })).toHaveLength(1);
});

test("every member of a row has the JSON type that the official models declare", async () => {
  const types = (ecs.DescribeImagesResponseBody as unknown as { types(): any }).types();
  const { body } = await describe({ ImageOwnerAlias: "system" });
  const wrong: string[] = [];
  const compare = (value: any, model: any, path: string) => {
    const declared = model.types();
    const names: Record<string, string> = model.names();
    for (const [name, apiName] of Object.entries(names)) {
      const type = declared[name];
      const is = value[apiName];
      if (is === undefined) continue;
      if (typeof type === "string") {
        if (typeof is !== type) wrong.push(`${path}.${apiName} is ${typeof is}, not ${type}`);
      } else if (type.type === "array") {
        for (const item of is)
          if (typeof type.itemType !== "string") compare(item, type.itemType, `${path}.${apiName}[]`);
      } else compare(is, type, `${path}.${apiName}`);
    }
    for (const apiName of Object.keys(value))
      if (!Object.values(names).includes(apiName)) wrong.push(`${path}.${apiName} is not documented`);
  };
  expect(types).toBeDefined();
  compare(body, ecs.DescribeImagesResponseBody, "");
  expect(wrong).toEqual([]);
});

test("DescribeImageFromFamily returns the newest available image, or an empty answer", async () => {
  const ids = add(3, (n) => ({ imageFamily: "golden", createdMs: n, deprecated: n === 2 }));
  const client = officialClient(emulator.endpoint);
  const newest = (imageFamily: string) =>
    client.describeImageFromFamily(new ecs.DescribeImageFromFamilyRequest({ regionId: "cn-hangzhou", imageFamily }));
  expect((await newest("golden")).body?.image?.imageId).toBe(ids[1]);
  expect((await newest("silver")).body?.image?.imageId).toBeUndefined();
});
