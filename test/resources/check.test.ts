import { failuresIn } from "../../provider/fields/check";
import { customImage } from "../../provider/resources/custom-image/lifecycle";
import { imageExport } from "../../provider/resources/image-export/lifecycle";
import { importedImage } from "../../provider/resources/imported-image/lifecycle";

const custom = (args: Record<string, unknown>) =>
  failuresIn(customImage.fields, { instanceId: "i-1", ...args }, customImage.argsRules);
const ofDisks = (diskDeviceMappings: unknown) =>
  failuresIn(customImage.fields, { diskDeviceMappings }, customImage.argsRules);
const imported = (args: Record<string, unknown>) =>
  failuresIn(
    importedImage.fields,
    { diskDeviceMappings: [{ ossBucket: "golden-images", ossObject: "base.qcow2" }], ...args },
    importedImage.argsRules,
  );
const exported = (args: Record<string, unknown>) =>
  failuresIn(imageExport.fields, { imageId: "m-1", ossBucket: "archive", ...args }, imageExport.argsRules);

const system = { snapshotId: "s-1", device: "/dev/xvda" };
const dataDisks = (count: number) => Array.from({ length: count }, () => ({ size: 40 }));

/** What is given, the property that is at fault, and a word that the reason cannot do without. */
const refused: [what: string, failures: ReturnType<typeof custom>, property: string, says: RegExp][] = [
  ["a name of one letter", custom({ imageName: "x" }), "imageName", /2 to 128.*"x"/],
  ["a name of 129 letters", custom({ imageName: "x".repeat(129) }), "imageName", /2 to 128/],
  ["a name that begins with a digit", custom({ imageName: "1st" }), "imageName", /begin with a letter/],
  ["a name that begins with aliyun", custom({ imageName: "Aliyun_base" }), "imageName", /aliyun/],
  ["a name that begins with acs:", custom({ imageName: "acs:base" }), "imageName", /acs:/],
  ["a name that is an address", custom({ imageName: "http://base" }), "imageName", /letter/],
  ["a name with a space", custom({ imageName: "my image" }), "imageName", /contain only/],
  ["a family with a slash", custom({ imageFamily: "a/b" }), "imageFamily", /contain only/],
  ["a description of one letter", custom({ description: "x" }), "description", /2 to 256.*1 characters/],
  ["a description that is an address", custom({ description: "https://wiki/image" }), "description", /https:\/\//],
  ["a version with a space", custom({ imageVersion: "1 2" }), "imageVersion", /1 to 40/],
  ["a version of 41 letters", custom({ imageVersion: "x".repeat(41) }), "imageVersion", /1 to 40/],
  ["an unknown boot mode", custom({ bootMode: "uefi" }), "bootMode", /UEFI-Preferred, not "uefi"; did you mean UEFI\?/],
  ["an unknown architecture", custom({ architecture: "amd64" }), "architecture", /i386, x86_64, arm64/],
  ["a platform that is no text", custom({ platform: 7 }), "platform", /1 to 64 characters/],
  [
    "two tag keys that differ in case alone",
    custom({ tags: { Team: "a", team: "b" } }),
    'tags["team"]',
    /the tag key Team differ/,
  ],
  ["a trigger that JSON cannot hold", custom({ triggers: [Number.NaN] }), "triggers", /JSON can hold.*NaN/],
  ["a letter that ECS refuses in names", custom({ imageName: "名々" }), "imageName", /contain only/],
  [
    "an argument with a letter missing",
    custom({ delteSnapshots: true }),
    "delteSnapshots",
    /did you mean deleteSnapshots/,
  ],
  ["an unknown license", custom({ licenseType: "GPL" }), "licenseType", /BYOL/],
  ["Windows without a license", imported({ osType: "windows" }), "licenseType", /Aliyun or BYOL/],
  [
    "Secure Boot without UEFI",
    custom({ bootMode: "BIOS", secureBootSupport: "supported" }),
    "secureBootSupport",
    /unsupported if bootMode is BIOS/,
  ],
  ["an unknown feature", custom({ features: { nvme: true } }), "features.nvme", /there is no key nvme/],
  ["an unknown metadata mode", custom({ features: { imdsSupport: "v3" } }), "features.imdsSupport", /v1, v2/],
  ["a flag that is text", custom({ deprecated: "yes" }), "deprecated", /true or false/],
  ["triggers that are no list", custom({ triggers: "now" }), "triggers", /a list/],
  ["an unknown check of the image", custom({ detectionStrategy: "Deep" }), "detectionStrategy", /Standard/],
  ["a region with a slash", custom({ regionId: "cn-hangzhou/evil" }), "regionId", /region/],
  ["a tag key of the cloud's own", custom({ tags: { "acs:x": "1" } }), 'tags["acs:x"]', /acs:/],
  [
    "a tag key of this package's own",
    custom({ tags: { "pulumi-alicloud-image:owner": "me" } }),
    'tags["pulumi-alicloud-image:owner"]',
    /does not begin with/,
  ],
  ["an empty tag key", custom({ tags: { "": "1" } }), 'tags[""]', /1 to 128/],
  ["a tag value that is too long", custom({ tags: { k: "v".repeat(129) } }), 'tags["k"]', /at most 128/],
  [
    "nineteen tags",
    custom({ tags: Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`k${i}`, "v"])) }),
    "tags",
    /at most 18.*19/,
  ],
  [
    "no source",
    failuresIn(customImage.fields, {}, customImage.argsRules),
    "instanceId",
    /source is missing.*instanceId, snapshotId, diskDeviceMappings/,
  ],
  ["two sources", custom({ snapshotId: "s-1" }), "snapshotId", /exactly one source.*instanceId and snapshotId/],
  ["eighteen disks", ofDisks([system, ...dataDisks(17)]), "diskDeviceMappings", /1 to 17.*18/],
  ["no disk", ofDisks([]), "diskDeviceMappings", /1 to 17/],
  [
    "only data disks",
    ofDisks([{ size: 40 }, { snapshotId: "s-2", device: "/dev/xvdb" }]),
    "diskDeviceMappings",
    /none of the disks is the system disk/,
  ],
  ["seventeen data disks", ofDisks([...dataDisks(17)]), "diskDeviceMappings", /at most 16/],
  [
    "two system disks",
    ofDisks([system, { snapshotId: "s-2", diskType: "system" }]),
    "diskDeviceMappings[1].diskType",
    /only one/,
  ],
  [
    "the system device on a data disk",
    ofDisks([system, { snapshotId: "s-2", device: "/dev/xvda", diskType: "data" }]),
    "diskDeviceMappings[1].device",
    /for the system disk/,
  ],
  [
    "a data device on the system disk",
    ofDisks([{ snapshotId: "s-1", device: "/dev/xvdb", diskType: "system" }]),
    "diskDeviceMappings[0].device",
    /must be \/dev\/xvda/,
  ],
  [
    "a device twice",
    ofDisks([system, { size: 40, device: "/dev/xvdb" }, { size: 40, device: "/dev/xvdb" }]),
    "diskDeviceMappings[2].device",
    /diskDeviceMappings\[1\] already has/,
  ],
  [
    "an empty system disk",
    ofDisks([{ device: "/dev/xvda", size: 40 }]),
    "diskDeviceMappings[0].snapshotId",
    /must come from a snapshot/,
  ],
  ["a size of 4", ofDisks([system, { size: 4 }]), "diskDeviceMappings[1].size", /from 5 to 32768 GiB, not 4/],
  [
    "a device of another kind",
    ofDisks([system, { size: 40, device: "/dev/sdb" }]),
    "diskDeviceMappings[1].device",
    /xvdb/,
  ],
  [
    "a disk with an unknown key",
    ofDisks([{ ...system, encrypted: true }]),
    "diskDeviceMappings[0].encrypted",
    /there is no key/,
  ],
  ["an argument misspelt", custom({ imagename: "base" }), "imagename", /did you mean imageName/],
  ["a credential as an argument", custom({ accessKey: "LTAI5t" }), "accessKey", /credentials are never arguments/],
  ["no file", failuresIn(importedImage.fields, {}, importedImage.argsRules), "diskDeviceMappings", /missing/],
  [
    "a file without a bucket",
    imported({ diskDeviceMappings: [{ ossObject: "a.raw" }] }),
    "diskDeviceMappings[0].ossBucket",
    /bucket.*nothing/,
  ],
  [
    "a bucket that no bucket can be",
    imported({ diskDeviceMappings: [{ ossBucket: "Bad_Bucket", ossObject: "a.raw" }] }),
    "diskDeviceMappings[0].ossBucket",
    /3 to 63/,
  ],
  [
    "an unknown format",
    imported({ diskDeviceMappings: [{ ossBucket: "bucket", ossObject: "a", format: "iso" }] }),
    "diskDeviceMappings[0].format",
    /RAW, VHD/,
  ],
  [
    "a system disk of 0 GiB",
    imported({ diskDeviceMappings: [{ ossBucket: "bucket", ossObject: "a", diskImageSize: 0 }] }),
    "diskDeviceMappings[0].diskImageSize",
    /1 to 2048/,
  ],
  [
    "a data disk of 2049 GiB",
    imported({
      diskDeviceMappings: [
        { ossBucket: "bucket", ossObject: "a" },
        { ossBucket: "bucket", ossObject: "b", diskImageSize: 2049 },
      ],
    }),
    "diskDeviceMappings[1].diskImageSize",
    /1 to 2048/,
  ],
  [
    "eighteen files",
    imported({ diskDeviceMappings: Array.from({ length: 18 }, () => ({ ossBucket: "bucket", ossObject: "a" })) }),
    "diskDeviceMappings",
    /1 to 17/,
  ],
  ["an unknown operating system", imported({ osType: "Linux" }), "osType", /linux, windows/],
  ["BIOS on arm64", imported({ architecture: "arm64", bootMode: "BIOS" }), "bootMode", /must be UEFI/],
  [
    "an export of nothing",
    failuresIn(imageExport.fields, { ossBucket: "archive" }, imageExport.argsRules),
    "imageId",
    /missing/,
  ],
  ["a prefix with a slash", exported({ ossPrefix: "golden/2026" }), "ossPrefix", /letters and digits/],
  ["a prefix of 31 letters", exported({ ossPrefix: "x".repeat(31) }), "ossPrefix", /1 to 30/],
  ["an export format in the wrong case", exported({ imageFormat: "RAW" }), "imageFormat", /raw, vhd, qcow2/],
];

describe("the check", () => {
  it.each(refused)("refuses %s, on the wrong property", (_what, failures, property, says) => {
    const found = failures.filter((failure) => failure.property === property);
    expect(found.map(({ reason }) => reason).join("\n")).toMatch(says);
  });

  it("reports everything that is wrong at once", () => {
    const failures = custom({
      imageName: "x",
      description: "x",
      bootMode: "x",
      snapshotId: "s-1",
      tags: { "acs:x": "1" },
    });
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "bootMode",
      "description",
      "imageName",
      "snapshotId",
      'tags["acs:x"]',
    ]);
  });

  it("repeats neither a description nor the value of a tag, because they may be secret", () => {
    const reasons = JSON.stringify(custom({ description: `http://${"hunter2"}`, tags: { password: `acs:hunter2` } }));
    expect(reasons).toContain("password");
    expect(reasons).not.toContain("hunter2");
  });

  it("accepts Chinese characters as letters, each as one", () => {
    expect(custom({ imageName: "金".repeat(128), imageFamily: "黃金.鏡像", description: "鏡像" })).toEqual([]);
    expect(custom({ imageName: "金".repeat(129) })).toHaveLength(1);
  });

  it("accepts every value at the limits", () => {
    expect(
      custom({
        imageName: "ab",
        imageVersion: "v".repeat(40),
        description: "d".repeat(256),
        tags: { ["k".repeat(128)]: "v".repeat(128), empty: "" },
      }),
    ).toEqual([]);
    expect(ofDisks([system, ...dataDisks(16)])).toEqual([]);
    expect(ofDisks([{ snapshotId: "s-1" }, { size: 5, device: "/dev/xvdz" }])).toEqual([]);
    expect(
      imported({
        diskDeviceMappings: [
          { ossBucket: "abc", ossObject: "k", diskImageSize: 500 },
          { ossBucket: "abc", ossObject: "l", diskImageSize: 1000 },
        ],
      }),
    ).toEqual([]);
  });
});
