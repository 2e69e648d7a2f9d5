import { emptyWorld, seededWorld, seeds, type World } from "../../emulator";
import type { GetImageArgs } from "../../provider/lookups/arguments";
import { lookUpImage, lookUpImages } from "../../provider/lookups/images";
import fc from "../support/fast-check";
import { type Lab, openLab } from "../support/lab";

const START_MS = Date.UTC(2026, 0, 1);
type ImageRecord = World["images"] extends Map<string, infer Held> ? Held : never;

const TRUSTED = "2222222222222222";
const STRANGER = "3333333333333333";
const USED = "m-0";

let lab: Lab;
afterEach(() => lab.close());

async function open(...images: Partial<ImageRecord>[]): Promise<void> {
  const world = emptyWorld();
  const template = seededWorld(START_MS).images.get(seeds.publicImageId)!;
  images.forEach((each, n) => {
    const image: ImageRecord = {
      ...template,
      imageId: `m-${n}`,
      imageName: `image-${n}`,
      imageFamily: "",
      owner: "self",
      ownerId: world.account.accountId,
      isPublic: false,
      tags: new Map(),
      createdMs: START_MS + n * 1_000,
      ...each,
    };
    world.images.set(image.imageId, image);
  });
  lab = await openLab({ world });
}

/** An instance runs from the image. */
function useImage(imageId: string): void {
  const seeded = [...seededWorld(START_MS).instances.values()][0]!;
  lab.emulator.world.instances.set(seeded.instanceId, { ...seeded, imageId });
}

const found = async (args: GetImageArgs) => {
  const images = await lab.turn(lookUpImages(args, lab.process().session));
  return images.map(({ imageId }) => imageId);
};
const errorOf = async (args: GetImageArgs, isSecret = false): Promise<string> =>
  lab.turn(lookUpImage(args, lab.process().session, { isSecret })).then(
    ({ imageId }) => `found ${imageId}`,
    (error: Error) => error.message,
  );

test("the newest image of a family is found, with the names of CustomImage's outputs", async () => {
  await open(
    { imageFamily: "web", createdMs: START_MS + 5_000, description: "the newest", tags: new Map([["team", "web"]]) },
    { imageFamily: "web" },
    { imageFamily: "db", createdMs: START_MS + 9_000 },
  );
  expect(await lab.turn(lookUpImage({ imageFamily: "web" }, lab.process().session))).toMatchObject({
    imageId: "m-0",
    imageName: "image-0",
    imageFamily: "web",
    description: "the newest",
    regionId: "cn-hangzhou",
    architecture: "x86_64",
    status: "Available",
    usable: true,
    deprecated: false,
    creationTime: "2026-01-01T00:00:05Z",
    tags: { team: "web" },
    diskDeviceMappings: [{ device: "/dev/xvda", diskType: "system", size: 20 }],
  });
});

const worldOfImages = fc.array(
  fc.record({
    imageFamily: fc.constantFrom("web", "db"),
    imageName: fc.constantFrom("web", "web-1", "web-2", "db-1"),
    owner: fc.constantFrom(
      "self" as const,
      "self" as const,
      "system" as const,
      "others" as const,
      "marketplace" as const,
    ),
    regionId: fc.constantFrom("cn-hangzhou", "cn-hangzhou", "ap-southeast-1"),
    architecture: fc.constantFrom("x86_64", "arm64"),
    deprecated: fc.boolean(),
    ownerId: fc.constantFrom(TRUSTED, STRANGER),
    isPublic: fc.boolean(),
    osType: fc.constantFrom("linux", "windows"),
    resourceGroupId: fc.constantFrom("", "rg-team"),
    usableFromMs: fc.constantFrom(0, Number.POSITIVE_INFINITY),
    tags: fc
      .constantFrom<[string, string][]>(
        [],
        [["team", "a"]],
        [["team", "b"]],
        [
          ["team", "a"],
          ["tier", "1"],
        ],
      )
      .map((tags) => new Map(tags)),
    createdMs: fc.integer({ min: 0, max: 5 }).map((n) => START_MS + n * 1_000),
  }),
  { maxLength: 12 },
);
const anyArgs = fc.record(
  {
    imageFamily: fc.constantFrom("web", "db"),
    imageName: fc.constantFrom("web", "web-1"),
    nameRegex: fc.constantFrom("^web", "-1$"),
    tags: fc.constantFrom<Record<string, string>>({ team: "a" }, { team: "a", tier: "1" }),
    owners: fc.subarray(["self", "system", "marketplace"] as const, { minLength: 1 }).map((owners) => [...owners]),
    osType: fc.constantFrom("linux" as const, "windows" as const),
    usage: fc.constantFrom("instance" as const, "none" as const),
    instanceType: fc.constantFrom("ecs.g7.large", "ecs.c8y.small"),
    resourceGroupId: fc.constant("rg-team"),
    snapshotId: fc.constantFrom("s-0", "s-1"),
    isSupportCloudInit: fc.boolean(),
    isPublic: fc.boolean(),
    architecture: fc.constantFrom("x86_64" as const, "arm64" as const),
    status: fc.constantFrom("Available" as const, "Deprecated" as const),
    regionId: fc.constantFrom("cn-hangzhou", "ap-southeast-1"),
  },
  { requiredKeys: [] },
);
/** Shared images are looked up with the account that is trusted. */
const anyOwners = fc.record(
  {
    owners: fc.constantFrom<NonNullable<GetImageArgs["owners"]>>(["others"], ["others", "self"], ["self"], ["system"]),
    ownerIds: fc.constantFrom<string[]>([TRUSTED], [STRANGER, TRUSTED]),
  },
  { requiredKeys: ["owners", "ownerIds"] },
);

/** What a look-up must find, computed from the world itself. The lists show no tags of images that others own. */
function expected(images: readonly ImageRecord[], args: GetImageArgs): string[] {
  const { owners = ["self"], status = "Available", regionId = "cn-hangzhou" } = args;
  return images
    .filter(
      (image) =>
        owners.includes(image.owner) &&
        image.regionId === regionId &&
        (image.deprecated ? "Deprecated" : "Available") === status &&
        (status === "Deprecated" || image.usableFromMs === 0) &&
        (args.imageFamily === undefined || image.imageFamily === args.imageFamily) &&
        (args.imageName === undefined || image.imageName === args.imageName) &&
        (args.nameRegex === undefined || new RegExp(args.nameRegex).test(image.imageName)) &&
        (args.architecture === undefined || image.architecture === args.architecture) &&
        (args.osType === undefined || image.osType === args.osType) &&
        (args.usage === undefined || (args.usage === "instance") === (image.imageId === USED)) &&
        (args.instanceType === undefined ||
          (args.instanceType === "ecs.c8y.small") === (image.architecture === "arm64")) &&
        // Of what others own, the lists show no group.
        (args.resourceGroupId === undefined || image.resourceGroupId === args.resourceGroupId) &&
        (args.snapshotId === undefined || image.diskMappings[0]!.snapshotId === args.snapshotId) &&
        args.isSupportCloudInit !== false &&
        (args.isPublic === undefined
          ? image.owner !== "others" || !image.isPublic
          : image.isPublic === args.isPublic) &&
        (args.ownerIds === undefined || args.ownerIds.includes(image.ownerId)) &&
        Object.entries(args.tags ?? {}).every(
          ([key, value]) => image.owner === "self" && image.tags.get(key) === value,
        ),
    )
    .sort((a, b) => b.createdMs - a.createdMs || (a.imageId < b.imageId ? -1 : 1))
    .map(({ imageId }) => imageId);
}

test("for every world and all filters, exactly the matching images are found, the newest first", async () => {
  await open();
  await fc.assert(
    fc.asyncProperty(worldOfImages, fc.oneof(anyArgs, fc.tuple(anyArgs, anyOwners)), async (images, given) => {
      const args: GetImageArgs = Array.isArray(given) ? { ...given[0], ...given[1] } : given;
      await lab.close();
      await open(...images);
      for (const [n, image] of [...lab.emulator.world.images.values()].entries())
        image.diskMappings = image.diskMappings.map((disk) => ({ ...disk, snapshotId: `s-${n % 2}` }));
      useImage(USED);
      expect(await found(args)).toEqual(expected([...lab.emulator.world.images.values()], args));
    }),
    { numRuns: 60 },
  );
});

test("shared images are found only of a named account: anyone can share an image of any name", async () => {
  await open(
    { owner: "others", ownerId: STRANGER, imageFamily: "web", createdMs: START_MS + 9_000 },
    { owner: "others", ownerId: TRUSTED, imageFamily: "web" },
  );
  expect(await errorOf({ imageFamily: "web", owners: ["others"] })).toMatch(/ownerIds.*anyone can share/);
  expect(await found({ imageFamily: "web", owners: ["others"], ownerIds: [TRUSTED] })).toEqual(["m-1"]);
  expect(await found({ imageId: "m-0", owners: ["others"] })).toEqual(["m-0"]);
  lab.emulator.calls.length = 0;
  await expect(found({ owners: ["self", "others"] })).rejects.toThrow(/ownerIds/);
  expect(lab.emulator.calls).toEqual([]);
});

test("an image has its exact owner, and whether it is used and published", async () => {
  await open({ owner: "others", ownerId: TRUSTED, isPublic: true });
  const [image] = await lab.turn(
    lookUpImages({ owners: ["others"], ownerIds: [TRUSTED], isPublic: true }, lab.process().session),
  );
  expect(image).toMatchObject({ ownerId: TRUSTED, isPublic: true, usage: "none" });
  const digits = "201693514356661234"; // more than a number of JavaScript holds
  lab.emulator.intercept = (_call, phase) =>
    phase === "before"
      ? {
          kind: "answer",
          status: 200,
          body:
            `{"RequestId":"r","TotalCount":1,"Images":{"Image":[` +
            `{"ImageId":"m-9","Status":"Available","ImageOwnerId":${digits}}]}}`,
        }
      : undefined;
  const [exact] = await lab.turn(lookUpImages({ imageId: "m-9" }, lab.process().session));
  expect(exact!.ownerId).toBe(digits);
});

test("an owner that ECS does not name is no match for ownerIds, and an error says so", async () => {
  await open({});
  lab.emulator.intercept = (_call, phase) =>
    phase === "before"
      ? {
          kind: "answer",
          status: 200,
          body: JSON.stringify({
            RequestId: "r",
            TotalCount: 1,
            Images: { Image: [{ ImageId: "m-9", Status: "Available" }] },
          }),
        }
      : undefined;
  expect(await errorOf({ ownerIds: [TRUSTED] })).toMatch(/does not say which account owns m-9/);
});

test("an answer with an unreadable row is an error, because that row may be the newest", async () => {
  await open({});
  const rows = [
    { ImageId: "m-0", Status: "Available" },
    { ImageId: "m-1", Status: 7 },
  ];
  lab.emulator.intercept = (_call, phase) =>
    phase === "before"
      ? {
          kind: "answer",
          status: 200,
          body: JSON.stringify({ RequestId: "r", TotalCount: 2, Images: { Image: rows } }),
        }
      : undefined;
  expect(await errorOf({})).toMatch(/cannot be read/);
});

test("more images than a filter by tags can find are all found", async () => {
  await open(...Array.from({ length: 1_050 }, () => ({ tags: new Map([["team", "web"]]) })), {});
  expect(await found({ tags: { team: "web" } })).toHaveLength(1_050);
});

test.each([
  ["(?i)^web", "[Ww]eb"],
  ["\\Aweb", "^"],
  ["web.*\\z", "$"],
  ["(?P<name>web)", "(?<name>"],
  ["web[[:digit:]]", "[0-9]"],
])("the regular expression %s of Go is refused, with what to write instead", async (nameRegex, instead) => {
  await open({ imageName: "web" });
  const error = await errorOf({ nameRegex });
  expect(error).toContain("nameRegex must be a regular expression of JavaScript");
  expect(error).toContain(instead);
});

test.each([
  ["mostRecent", true, /getImage returns the newest/],
  ["ownerId", TRUSTED, /ownerIds/],
  ["isSupportIoOptimized", true, /leave it out/],
])("an error about the argument %s of alicloud_images says what to write instead", async (name, value, guidance) => {
  await open();
  expect(await errorOf({ [name]: value })).toMatch(guidance);
});

test("images on every page are found, even if the count is too small or all pages are equal", async () => {
  await open(...Array.from({ length: 250 }, () => ({})));
  const all = [...lab.emulator.world.images.keys()].reverse();
  expect(await found({})).toEqual(all);
  const rows = (from: number) =>
    all.slice(from, from + 100).map((ImageId) => ({ ImageId, Status: "Available", CreationTime: timeOf(ImageId) }));
  const timeOf = (id: string) => new Date(lab.emulator.world.images.get(id)!.createdMs).toISOString();
  const answer = (from: number, TotalCount: number) => ({
    kind: "answer" as const,
    status: 200,
    body: JSON.stringify({ RequestId: "r", TotalCount, Images: { Image: rows(from) } }),
  });
  lab.emulator.intercept = ({ params }, phase) =>
    phase === "before" ? answer((Number(params["PageNumber"]) - 1) * 100, 10) : undefined;
  expect(await found({})).toEqual(all);
  lab.emulator.intercept = (_call, phase) => (phase === "before" ? answer(0, 250) : undefined);
  expect(await found({})).toEqual(all.slice(0, 100));
});

test("a name matches exactly although the cloud's filter is fuzzy", async () => {
  await open({ imageName: "web" }, { imageName: "web-2" });
  const rows = ["web-2", "web"].map((ImageName, n) => ({ ImageId: `m-${n}`, ImageName, Status: "Available" }));
  lab.emulator.intercept = ({ params }, phase) =>
    phase === "before"
      ? {
          kind: "answer",
          status: 200,
          body: JSON.stringify({ TotalCount: 2, Images: { Image: params["PageNumber"] === "1" ? rows : [] } }),
        }
      : undefined;
  expect(await found({ imageName: "web" })).toEqual(["m-1"]);
});

test("if there is none, the error names every filter and the region", async () => {
  await open();
  const error = await errorOf({
    imageFamily: "web",
    nameRegex: "^web-",
    tags: { team: "platform" },
    architecture: "arm64",
    regionId: "ap-southeast-1",
  });
  for (const part of [
    /^getImage: /,
    /in ap-southeast-1/,
    /imageFamily "web"/,
    /nameRegex "\^web-"/,
    /"team".*"platform"/,
  ])
    expect(error).toMatch(part);
  for (const part of [/architecture "arm64"/, /status Available/, /owner self/]) expect(error).toMatch(part);
  expect(await found({ imageFamily: "web" })).toEqual([]);
});

test("an error about secret arguments has their names but not their values", async () => {
  await open();
  const args = { imageFamily: "hidden-family", tags: { "hidden-key": "hidden-value" } };
  expect(await errorOf(args, true)).toMatch(/imageFamily \(secret\)/);
  expect(await errorOf(args, true)).not.toContain("hidden");
  expect(await errorOf({ imageId: "hidden value" }, true)).not.toContain("hidden");
});

test("every wrong argument is reported at once, before the cloud is asked", async () => {
  await open();
  const wrong = {
    imageId: "",
    nameRegex: "(",
    owners: ["me"],
    architecture: "sparc",
    status: "Ready",
    tags: { team: 1 },
    imageFamly: "web",
  };
  const error = await errorOf(wrong as never);
  for (const name of ["imageId", "nameRegex", "owners[0]", "architecture", "status", 'tags["team"]', "imageFamly"])
    expect(error).toContain(name);
  expect(error).toContain('nameRegex must be a regular expression of 1 to 256 characters, not "(": unterminated group');
  expect(lab.emulator.calls).toEqual([]);
});

test("a refusal is not an empty list", async () => {
  await open({ imageFamily: "web" });
  lab.emulator.intercept = (_call, phase) =>
    phase === "before" ? { kind: "error", status: 403, code: "Forbidden.RAM" } : undefined;
  expect(await errorOf({ imageFamily: "web" })).toMatch(/^getImage: .*Forbidden\.RAM/);
});
