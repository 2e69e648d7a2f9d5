import { changeBetween } from "../../provider/fields/change";
import { failuresIn } from "../../provider/fields/check";
import { keysOf } from "../../provider/fields/fields";
import { UNKNOWN } from "../../provider/fields/unknown";
import { customImage } from "../../provider/resources/custom-image/lifecycle";
import { imageExport } from "../../provider/resources/image-export/lifecycle";
import { type Disk, sameDisks } from "../../provider/resources/images/disks";
import { importedImage } from "../../provider/resources/imported-image/lifecycle";
import fc from "../support/fast-check";

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
    imageName: names,
    trackSource: fc.boolean(),
  },
  { requiredKeys: ["diskDeviceMappings"] },
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

// eslint-disable-next-line -- each row pairs a lifecycle with arguments of its own type
const kinds: { name: string; life: any; args: fc.Arbitrary<any> }[] = [
  { name: "CustomImage", life: customImage, args: customArgs },
  { name: "ImportedImage", life: importedImage, args: importArgs },
  { name: "ImageExport", life: imageExport, args: exportArgs },
];

describe.each(kinds)("$name", ({ life, args }) => {
  it("accepts what its pages accept", () => {
    fc.assert(fc.property(args, (given) => expect(failuresIn(life.fields, given, life.wholeRules)).toEqual([])));
  });

  it("plans nothing between a thing and itself", () => {
    fc.assert(fc.property(args, (given) => expect(changeBetween(life.fields, given, given)).toEqual({ kind: "none" })));
  });

  it("changes neither of what it compares", () => {
    fc.assert(
      fc.property(args, args, (have, want) => {
        const before = JSON.stringify([have, want]);
        changeBetween(life.fields, have, want);
        failuresIn(life.fields, want, life.wholeRules);
        expect(JSON.stringify([have, want])).toBe(before);
      }),
    );
  });

  it("plans a replacement when an argument that replaces is not known yet, and an update when one that changes in place is not", () => {
    fc.assert(
      fc.property(args, fc.constantFrom(...keysOf(life.fields)), (given, key) => {
        const field = life.fields[key];
        if (field.computed) return;
        const change = changeBetween(life.fields, given, { ...given, [key]: UNKNOWN });
        expect(change.kind).toBe(
          field.change === "replace" ? "replace" : field.change === "nothing" ? "none" : "update",
        );
      }),
    );
  });

  it("lets values that are not known yet pass the check", () => {
    fc.assert(
      fc.property(args, fc.constantFrom(...keysOf(life.fields)), (given, key) => {
        const sources = ["instanceId", "snapshotId", "diskDeviceMappings"];
        const rest = sources.includes(String(key))
          ? Object.fromEntries(Object.entries(given).filter(([name]) => !sources.includes(name)))
          : given;
        const known = sources.includes(String(key)) || !("instanceId" in life.fields) ? rest : given;
        expect(failuresIn(life.fields, { ...known, [key]: UNKNOWN }, life.wholeRules)).toEqual([]);
      }),
    );
  });

  it("keeps what the cloud has where an optional argument is left out, unless leaving it out has a meaning", () => {
    fc.assert(
      fc.property(args, (given) => {
        for (const key of keysOf(life.fields)) {
          const { [key]: _left, ...rest } = given as Record<string, unknown>;
          const change = changeBetween(life.fields, given, rest);
          expect(change.kind === "none" || (change.kind === "update" && life.fields[key].default !== undefined)).toBe(
            true,
          );
        }
      }),
    );
  });
});

describe("disks", () => {
  it("are the same in any order, with numbers spelt as text, and with the cloud's defaults filled in", () => {
    fc.assert(
      fc.property(disks, fc.integer(), (given, seed) => {
        const filledIn = given.map((disk, i) => ({ diskType: i === 0 ? "system" : "data", size: 40, ...disk }));
        const shuffled = [...filledIn].sort((a, b) => ((a.size * 31 + seed) % 7) - ((b.size * 31 + seed) % 7));
        const spelt = shuffled.map((disk) => ({ ...disk, size: String(disk.size) as unknown as number }));
        expect(sameDisks(spelt, given)).toBe(true);
      }),
    );
  });

  it("are others when a snapshot, a size or their number differs", () => {
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
