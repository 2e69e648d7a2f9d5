import type { Action } from "../../provider/ecs/actions";
import { readAnswer, unreadableIn } from "../../provider/ecs/answers";

const bodyOf = (action: Action, answer: object) => {
  const read = readAnswer(action, JSON.stringify(answer));
  if ("complaint" in read) throw new Error(read.complaint);
  return read.body as Record<string, unknown>;
};
const complaintAbout = (action: Action, answer: object, request: object = {}) => {
  const read = readAnswer(action, JSON.stringify(answer), request);
  return "complaint" in read ? read.complaint : undefined;
};
const idsIn = (answer: object) =>
  (bodyOf("DescribeImages", answer).Images as { Image: { ImageId: string }[] }).Image.map(({ ImageId }) => ImageId);

/** Rows in the cloud's form, by the year in which they were recorded. The strings are our own. */
const rowOf2017 = {
  ImageId: "m-row2017",
  ImageName: "builder-base",
  Description: "",
  ProductCode: "",
  Status: "Available",
  Progress: "100%",
  Usage: "none",
  IsSelfShared: "",
  Size: 25,
  Tags: { Tag: [] },
  DiskDeviceMappings: {
    DiskDeviceMapping: [
      {
        Format: "RAW",
        Device: "/dev/xvda",
        SnapshotId: "s-2017",
        Size: "25",
        ImportOSSBucket: "b",
        ImportOSSObject: "k",
      },
    ],
  },
};
const rowOf2023 = {
  ...rowOf2017,
  ImageId: "m-row2023",
  BootMode: "BIOS",
  IsSelfShared: "False",
  IsPublic: false,
  DetectionOptions: {},
  Features: { NvmeSupport: "supported" },
  LoginAsNonRootSupported: true,
  ImageVersion: "",
};
const rowOf2025 = {
  ...rowOf2023,
  ImageId: "m-row2025",
  IsSelfShared: true,
  ImageVersion: 3,
  ImageOwnerId: 12,
  Tags: { Tag: [{ TagKey: "team", TagValue: "web" }] },
  DiskDeviceMappings: {
    DiskDeviceMapping: [{ Type: "system", Progress: "40%", Size: 70, RemainTime: 90, Encrypted: true }],
  },
  DetectionOptions: { Status: "Processing", Items: { Item: [{ Name: "Nvme", Value: "Supported" }] } },
};

describe("a list of images", () => {
  it.each([
    ["with paging and region", { PageSize: 10, PageNumber: 1, TotalCount: 3, RegionId: "cn-x", RequestId: "r" }],
    ["with a token for the next page", { NextToken: "", PageSize: 10, TotalCount: 3, RequestId: "r" }],
    ["with nothing but the list", {}],
  ])("is read %s, in the rows of every year", (_, around) => {
    const answer = { ...around, Images: { Image: [rowOf2017, rowOf2023, rowOf2025] } };
    expect(idsIn(answer)).toEqual(["m-row2017", "m-row2023", "m-row2025"]);
    const asRead = { ...around, Images: { Image: [rowOf2017, rowOf2023, { ...rowOf2025, ImageOwnerId: "12" }] } };
    expect(bodyOf("DescribeImages", answer)).toEqual(asRead);
  });

  it.each<[string, object]>([
    ["an empty list", { TotalCount: 0, Images: { Image: [] } }],
    ["an empty object", { TotalCount: 0, Images: {} }],
    ["an empty array", { TotalCount: 0, Images: [] }],
    ["null", { TotalCount: 0, Images: null }],
    ["nothing, with a count of none", { TotalCount: 0 }],
  ])("that is empty may arrive as %s", (_, answer) => {
    expect(idsIn(answer)).toEqual([]);
  });

  it.each<[string, object]>([
    ["an array of rows", { Images: [rowOf2017] }],
    ["an array of lists", { Images: [{ Image: [rowOf2017] }] }],
    ["one row without its array", { Images: { Image: rowOf2017 } }],
  ])("may arrive as %s", (_, answer) => {
    expect(idsIn(answer)).toEqual(["m-row2017"]);
  });

  it.each<[string, object]>([
    ["nothing at all", { RequestId: "r" }],
    ["nothing, although there are some", { TotalCount: 2 }],
    ["a text", { TotalCount: 0, Images: "none" }],
    ["a list of another name", { TotalCount: 0, Images: { Snapshot: [] } }],
  ])("is never taken for empty when it is %s", (_, answer) => {
    expect(complaintAbout("DescribeImages", answer)).toBeDefined();
  });

  it.each<[string, unknown, { ids: string[]; nameless: number }]>([
    ["without an id", { Status: "Available" }, { ids: [], nameless: 1 }],
    ["without a status", { ImageId: "m-odd" }, { ids: ["m-odd"], nameless: 0 }],
    ["with a status of the wrong type", { ...rowOf2017, ImageId: "m-odd", Status: 7 }, { ids: ["m-odd"], nameless: 0 }],
    [
      "with a wrong list of disks",
      { ...rowOf2017, ImageId: "m-odd", DiskDeviceMappings: "x" },
      { ids: ["m-odd"], nameless: 0 },
    ],
    ["that is null", null, { ids: [], nameless: 1 }],
  ])("drops a row %s, counts it, and keeps the others", (_, row, lost) => {
    const body = bodyOf("DescribeImages", { TotalCount: 2, Images: { Image: [row, rowOf2023] } });
    expect((body.Images as { Image: object[] }).Image).toEqual([rowOf2023]);
    const { ids, nameless } = unreadableIn(body);
    expect({ ids: [...ids], nameless }).toEqual(lost);
  });

  it("normalizes tags and disks to one form", () => {
    const row = { ...rowOf2017, Tags: {}, DiskDeviceMappings: [{ Device: "/dev/xvda" }] };
    const body = bodyOf("DescribeImages", { Images: { Image: [row] } });
    expect((body.Images as { Image: object[] }).Image).toEqual([
      { ...rowOf2017, Tags: { Tag: [] }, DiskDeviceMappings: { DiskDeviceMapping: [{ Device: "/dev/xvda" }] } },
    ]);
  });
});

const task = { TaskId: "t-1", TaskStatus: "Finished", TaskAction: "ImportImage", CreationTime: "2026-01-24T12:50Z" };

it.each<[string, object]>([
  ["of today", { TotalCount: 1, PageSize: 10, TaskSet: { Task: [{ ...task, ResourceId: "m-1" }] } }],
  ["of older pages, an array of lists without a count", { TaskSet: [{ Task: [{ ...task, ResourceId: "m-1" }] }] }],
])("a list of tasks is read in the form %s", (_, answer) => {
  expect((bodyOf("DescribeTasks", answer).TaskSet as { Task: object[] }).Task).toEqual([
    { ...task, ResourceId: "m-1" },
  ]);
});

it("a task is read with its operations, whether they come as an object, an array or not at all", () => {
  const operation = {
    OperationStatus: "Success",
    RelatedItemSet: { RelatedItem: [{ Name: "OSSObject", Value: "k.raw.tar.gz" }] },
  };
  const read = (set: unknown) =>
    bodyOf("DescribeTaskAttribute", { ...task, OperationProgressSet: set }).OperationProgressSet;
  expect(read({ OperationProgress: [operation] })).toEqual({ OperationProgress: [operation] });
  expect(read([operation])).toEqual({ OperationProgress: [operation] });
  expect(read({})).toEqual({ OperationProgress: [] });
  expect(read(undefined)).toBeUndefined();
});

it("ImportImage returns the image and its task", () => {
  const answer = { ImageId: "m-1", TaskId: "t-1", RegionId: "cn-x", RequestId: "r" };
  expect(bodyOf("ImportImage", answer)).toEqual(answer);
  expect(complaintAbout("ImportImage", { ...answer, TaskId: undefined })).toBeDefined();
});

it.each([{ InstanceIdSets: { InstanceIdSet: ["i-1"] } }, { InstanceIdSets: ["i-1"] }])(
  "RunInstances returns the id of the started instance: %j",
  (answer) => {
    expect(bodyOf("RunInstances", answer).InstanceIdSets).toEqual({ InstanceIdSet: ["i-1"] });
  },
);

const withoutInstance: unknown[] = [undefined, null, "i-1", {}, { InstanceIdSet: null }, []];
const listsWithoutId = [[], [""], [null], [{}], "i-1"].map((InstanceIdSet) => ({ InstanceIdSet }));
it.each([...withoutInstance, ...listsWithoutId])("an answer of RunInstances has no id in %j", (InstanceIdSets) => {
  expect(complaintAbout("RunInstances", { RequestId: "r", InstanceIdSets })).toMatch(
    /no InstanceIdSets\.InstanceIdSet/,
  );
});

it("the answer to a dry run needs no id", () => {
  expect(complaintAbout("CreateImage", { RequestId: "r" }, { DryRun: true })).toBeUndefined();
  expect(complaintAbout("CreateImage", { RequestId: "r" }, { DryRun: false })).toBe("an answer with no ImageId");
});
