import { changeBetween } from "../../provider/fields/change";
import { type ArgsRule, failuresIn } from "../../provider/fields/check";
import { type Fields, keysOf } from "../../provider/fields/fields";
import { UNKNOWN } from "../../provider/fields/unknown";
import { customImage } from "../../provider/resources/custom-image/lifecycle";
import { goldenImageFields } from "../../provider/resources/golden-image/args";
import { imageCopy } from "../../provider/resources/image-copy/lifecycle";
import { imageExport } from "../../provider/resources/image-export/lifecycle";
import { imageSharePermission } from "../../provider/resources/image-share-permission/lifecycle";
import { type Disk, sameDisks } from "../../provider/resources/images/disks";
import { importedImage } from "../../provider/resources/imported-image/lifecycle";
import fc from "../support/fast-check";

/** As pulumi/pulumi `sdk/go/common/resource/plugin/rpc.go` has them. */
const UNKNOWN_BOOLEAN = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";
const UNKNOWN_NUMBER = "3eeb2bf0-c639-47a8-9e75-3b44932eb421";
const UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2";
const UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

const snapshotIds = fc.integer({ min: 0, max: 10 ** 8 }).map((n) => `s-${n}`);
const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{1,30}$/).filter((name) => !/^(aliyun|acs)/i.test(name));
const tagTexts = fc.stringMatching(/^[a-z][a-z0-9 ]{0,20}$/).filter((text) => !/^(aliyun|acs)/.test(text));

const disks: fc.Arbitrary<Disk[]> = fc
  .tuple(
    snapshotIds,
    fc.array(
      fc.record({ snapshotId: snapshotIds, size: fc.integer({ min: 20, max: 2_000 }) }, { requiredKeys: ["size"] }),
      { maxLength: 16 },
    ),
  )
  .map(([system, data]) => [
    { snapshotId: system, device: "/dev/xvda" },
    ...data.map((disk, i) => ({ ...disk, device: `/dev/xvd${String.fromCharCode(98 + i)}` })),
  ]);

const customArgs = fc.record(
  {
    diskDeviceMappings: disks,
    imageName: names,
    description: fc.string({ minLength: 2, maxLength: 50 }).filter((text) => !/^https?:\/\//i.test(text)),
    architecture: fc.constantFrom("i386", "x86_64", "arm64"),
    tags: fc.dictionary(tagTexts, tagTexts, { maxKeys: 18 }),
    deprecated: fc.boolean(),
    triggers: fc.array(fc.jsonValue(), { maxLength: 3 }),
    features: fc.record(
      { imdsSupport: fc.constantFrom("v1", "v2"), nvmeSupport: fc.constantFrom("supported", "unsupported") },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["diskDeviceMappings"] },
);
const importArgs = fc.record(
  {
    diskDeviceMappings: fc.array(
      fc.record(
        {
          ossBucket: fc.constantFrom("bucket-a", "bucket-b"),
          ossObject: names,
          format: fc.constantFrom("RAW", "VHD", "qcow2"),
          diskImageSize: fc.integer({ min: 5, max: 500 }),
        },
        { requiredKeys: ["ossBucket", "ossObject"] },
      ),
      { minLength: 1, maxLength: 17 },
    ),
    osType: fc.constantFrom("linux", "windows"),
    licenseType: fc.constantFrom("Aliyun", "BYOL"), // Windows needs one
    imageName: names,
    trackSource: fc.boolean(),
  },
  { requiredKeys: ["diskDeviceMappings", "licenseType"] },
);
const exportArgs = fc.record(
  {
    imageId: fc.constantFrom("m-1", "m-2"),
    ossBucket: fc.constantFrom("bucket-a", "bucket-b"),
    ossPrefix: fc.stringMatching(/^[a-z0-9]{1,30}$/),
    deleteObjects: fc.boolean(),
  },
  { requiredKeys: ["imageId", "ossBucket"] },
);

const copyArgs = fc.record(
  {
    sourceImageId: fc.constantFrom("m-1", "m-2"),
    sourceRegionId: fc.constantFrom("cn-hangzhou", "cn-beijing"),
    encrypted: fc.constant(true),
    kmsKeyId: fc.constantFrom("key-1", "key-2"),
    imageName: names,
    tags: fc.dictionary(tagTexts, tagTexts, { maxKeys: 18 }),
    keepVersions: fc.nat(5),
  },
  { requiredKeys: ["sourceImageId"] },
);
const shareArgs = fc.record(
  {
    imageId: fc.constantFrom("m-1", "m-2"),
    regionId: fc.constantFrom("cn-hangzhou", "cn-beijing"),
    accountIds: fc.uniqueArray(
      fc.integer({ min: 1, max: 10 ** 9 }).map((n) => String(n)),
      { minLength: 1, maxLength: 50 },
    ),
  },
  { requiredKeys: ["imageId", "accountIds"] },
);
const goldenArgs = fc.record(
  {
    source: fc.oneof(
      fc.record({ diskDeviceMappings: disks }),
      importArgs.map(({ diskDeviceMappings: files }) => ({ files })),
    ),
    regions: fc.uniqueArray(fc.constantFrom("cn-beijing", "cn-shanghai", "ap-southeast-1")),
    shareWith: shareArgs.map(({ accountIds }) => accountIds),
    tags: fc.dictionary(tagTexts, tagTexts, { maxKeys: 18 }),
  },
  { requiredKeys: ["source"] },
);

/** The paths of every value in it, including those of lists and objects, from the outside in. */
const pathsIn = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, held]) => [[...path, key], ...pathsIn(held, [...path, key])])
    : [];

function withUnknownAt(value: unknown, [key, ...rest]: readonly string[], unknown: string): unknown {
  if (key === undefined) return unknown;
  if (typeof value !== "object" || value === null) return value; // a list or an object around it became unknown already
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copy[key] = withUnknownAt(copy[key], rest, unknown);
  return copy;
}

/** The arguments with some values unknown: whole arguments, items of lists, values of objects, several at once. */
const withUnknowns = <Args extends object>(args: fc.Arbitrary<Args>): fc.Arbitrary<Args> =>
  args.chain((given) =>
    fc
      .subarray(pathsIn(given), { minLength: 1 })
      .map((paths) => paths.reduce<unknown>((all, path) => withUnknownAt(all, path, UNKNOWN), given) as Args),
  );

/** What the engine sends instead of a value whose type it knows; the last one is for any type. */
const TYPED_UNKNOWNS = [UNKNOWN_BOOLEAN, UNKNOWN_NUMBER, UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN];

/** Fields and rules of a type, with a generator of arguments that its API pages accept. */
function everyArgumentOf<Args extends object>(
  name: string,
  { fields, argsRules = [] }: { fields: Fields<Args>; argsRules?: readonly ArgsRule<Args>[] },
  args: fc.Arbitrary<Partial<Args>>,
) {
  const failures = (given: Partial<Args>) => failuresIn(fields, given as Record<string, unknown>, argsRules);
  const change = (have: Partial<Args>, want: Partial<Args>) => changeBetween(fields, have, want);
  const argsWithPath = args.chain((given) =>
    fc.tuple(fc.constant(given), fc.constantFrom(...pathsIn(given), ...keysOf(fields).map((key) => [key]))),
  );

  describe(name, () => {
    it("accepts what the API pages accept", () => {
      fc.assert(fc.property(args, (given) => expect(failures(given)).toEqual([])));
    });

    it("plans no change between equal arguments", () => {
      fc.assert(fc.property(args, (given) => expect(change(given, given)).toEqual({ kind: "none" })));
    });

    it("modifies neither of the compared arguments", () => {
      fc.assert(
        fc.property(args, args, (have, want) => {
          const before = JSON.stringify([have, want]);
          change(have, want);
          failures(want);
          expect(JSON.stringify([have, want])).toBe(before);
        }),
      );
    });

    it("plans an argument's effect when its value, or a part of it, is unknown", () => {
      const planned = { replace: "replace", nothing: "none", update: "update", record: "update" };
      fc.assert(
        fc.property(argsWithPath, ([given, path]) => {
          const { change: effect, computed } = fields[path[0] as keyof Args & string];
          if (computed) return;
          expect(change(given, withUnknownAt(given, path, UNKNOWN) as Partial<Args>).kind).toBe(planned[effect]);
        }),
      );
    });

    it("lets unknown values pass the check, in lists and objects, several at once", () => {
      fc.assert(fc.property(withUnknowns(args), (given) => expect(failures(given)).toEqual([])));
    });

    it("lets unknown arguments of every type pass the check", () => {
      for (const unknown of TYPED_UNKNOWNS) {
        const given = keysOf(fields).map((key) => [key, unknown]);
        expect(failures(Object.fromEntries(given) as Partial<Args>)).toEqual([]);
      }
    });

    it("keeps the cloud's value for an omitted argument, unless omitting it has a meaning", () => {
      fc.assert(
        fc.property(args, (given) => {
          for (const key of keysOf(fields)) {
            const { [key]: _left, ...rest } = given;
            const { kind } = change(given, rest as Partial<Args>);
            expect(kind === "none" || (kind === "update" && fields[key].default !== undefined)).toBe(true);
          }
        }),
      );
    });
  });
}

everyArgumentOf("CustomImage", customImage, customArgs);
everyArgumentOf("ImportedImage", importedImage, importArgs);
everyArgumentOf("ImageExport", imageExport, exportArgs);
everyArgumentOf("ImageCopy", imageCopy, copyArgs);
everyArgumentOf("ImageSharePermission", imageSharePermission, shareArgs);
everyArgumentOf("GoldenImage", { fields: goldenImageFields as Fields<Record<string, unknown>> }, goldenArgs);

describe("disks", () => {
  it("are equal in any order, with numbers as strings, and with the cloud's defaults", () => {
    fc.assert(
      fc.property(disks, fc.integer(), (given, seed) => {
        const filledIn = given.map((disk, i) => ({ diskType: i === 0 ? "system" : "data", size: 40, ...disk }));
        const shuffled = [...filledIn].sort((a, b) => ((a.size * 31 + seed) % 7) - ((b.size * 31 + seed) % 7));
        const spelt = shuffled.map((disk) => ({ ...disk, size: String(disk.size) as unknown as number }));
        expect(sameDisks(spelt, given)).toBe(true);
      }),
    );
  });

  it("replace the image while one of them is unknown, even an empty one", () => {
    const [system, empty] = [{ snapshotId: "s-1", device: "/dev/xvda" }, { size: 40 }];
    const unknown = UNKNOWN as unknown as Disk;
    const change = changeBetween(
      customImage.fields,
      { diskDeviceMappings: [system, empty] },
      { diskDeviceMappings: [system, unknown] },
    );
    expect(change.kind).toBe("replace");
  });

  it("differ when a snapshot, a size or their number differs", () => {
    fc.assert(
      fc.property(disks, fc.nat(), (given, at) => {
        const index = at % given.length;
        const changed = (disk: Partial<Disk>) => given.map((one, i) => (i === index ? { ...one, ...disk } : one));
        expect(sameDisks(given, changed({ snapshotId: "s-another" }))).toBe(false);
        expect(sameDisks(changed({ size: 2_001 }), changed({ size: 2_002 }))).toBe(false);
        expect(sameDisks(given, given.slice(1))).toBe(false);
      }),
    );
  });
});
