import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Emulator, type EmulatorOptions, seeds, startEmulator } from "../../emulator";
import { type ManualClock, manualClock } from "../../emulator/clock";
import type { Ecs } from "../../provider/ecs/actions";
import { openEcs } from "../../provider/ecs/client";
import { OssClient } from "../../provider/oss/client";
import { compare } from "../../recording/comparison/compare";
import { CALLS_FILE, type Exchange } from "../../recording/exchange";
import { record } from "../../recording/recorder";
import { turning } from "../support/turning";

/** Any answer of a cloud. */
// biome-ignore lint/suspicious/noExplicitAny: a change may do anything to it
type Body = any;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Body;
}
type Change = (answer: Answer, action: string, nth: number) => void;

/** Sent over a plain socket: the recorder listens to every client of this process. */
async function forwarded(endpoint: string, request: IncomingMessage): Promise<Answer> {
  const sent: Buffer[] = [];
  for await (const chunk of request) sent.push(chunk as Buffer);
  const headers = Object.entries({ ...request.headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  socket.write([`${request.method} ${request.url} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
  socket.write(Buffer.concat(sent));
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk as Buffer);
  const [head = "", ...body] = Buffer.concat(received).toString("utf8").split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const fields = lines
    .map((line) => line.split(/: (.*)/s, 2) as [string, string])
    .map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status: Number(first.split(" ")[1]),
    headers: Object.fromEntries(fields) as Answer["headers"],
    body: body.join("\r\n\r\n"),
  };
}

/** A cloud that answers like the emulator, with one difference. */
async function changedCloud(emulator: Emulator, change: Change): Promise<{ endpoint: string; server: Server }> {
  const counts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const answer = await forwarded(emulator.endpoint, request);
    const isJson = answer.headers["content-type"]?.includes("json");
    if (isJson) answer.body = JSON.parse(answer.body);
    const action = String(request.headers["x-acs-action"] ?? `${request.method} of OSS`);
    counts.set(action, (counts.get(action) ?? 0) + 1);
    change(answer, action, counts.get(action)!);
    const sent = isJson ? JSON.stringify(answer.body) : answer.body;
    const length = request.method === "HEAD" ? answer.headers["content-length"]! : String(Buffer.byteLength(sent));
    response.writeHead(answer.status, { ...answer.headers, "content-length": length });
    response.end(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A lifecycle of an image, an import and an export, with refusals. */
async function live(call: Ecs, clock: ManualClock, oss: OssClient): Promise<void> {
  /** What a changed cloud refuses does not end the life. */
  const tried: Ecs = (action, request) => call(action, request).catch(() => ({})) as never;
  const statuses = "Waiting,Creating,Available,UnAvailable,CreateFailed,Deprecated";
  const see = async (id: string) => {
    await tried("DescribeImages", { ImageId: id, Status: statuses });
    await tried("DescribeImages", { ImageOwnerAlias: "self", Status: statuses, Tag: [{ Key: "team", Value: "web" }] });
  };
  const Tag = [{ Key: "team", Value: "web" }];
  const made = await tried("CreateImage", { InstanceId: seeds.instanceId, ImageName: "golden", Tag });
  for (const seconds of [1, 2, 10, 30, 30]) {
    await clock.advance(seconds * 1000);
    await see(made.ImageId!);
  }
  await tried("CreateImage", { InstanceId: seeds.instanceId, ImageName: "golden" });
  await tried("ModifyImageAttribute", { ImageId: made.ImageId!, Description: "base of the fleet" });
  await tried("TagResources", {
    ResourceType: "image",
    ResourceId: [made.ImageId!],
    Tag: [{ Key: "tier", Value: "1" }],
  });
  await see(made.ImageId!);
  const disk = { OSSBucket: seeds.imageBucket, OSSObject: seeds.imageObject, Format: "QCOW2" };
  const imported = await tried("ImportImage", { DiskDeviceMapping: [disk], ImageName: "imported" });
  for (const seconds of [1, 30, 60]) {
    await clock.advance(seconds * 1000);
    await tried("DescribeTaskAttribute", { TaskId: imported.TaskId! });
    await see(imported.ImageId!);
  }
  await tried("DescribeTasks", { ResourceIds: [imported.ImageId!] });
  await tried("DescribeImages", { ImageOwnerAlias: "self", Status: statuses });
  const exported = await tried("ExportImage", {
    ImageId: made.ImageId!,
    OSSBucket: seeds.exportBucket,
    OSSPrefix: "golden",
  });
  await tried("DeleteImage", { ImageId: made.ImageId! });
  for (const seconds of [1, 70]) {
    await clock.advance(seconds * 1000);
    await tried("DescribeTaskAttribute", { TaskId: exported.TaskId! });
  }
  await oss.listObjects(seeds.exportBucket, "golden");
  await oss.headObject(seeds.exportBucket, `golden_${made.ImageId!}_system.raw.tar.gz`);
  await tried("DescribeSnapshots", { SnapshotIds: "[]" });
  await tried("DeleteImage", { ImageId: made.ImageId! });
  for (const seconds of [0, 5]) {
    await clock.advance(seconds * 1000);
    await see(made.ImageId!);
  }
}

async function recordingOf(change: Change = () => undefined, options: EmulatorOptions = {}): Promise<string> {
  const clock = manualClock();
  const emulator = await startEmulator({ clock, ...options });
  const { endpoint, server } = await changedCloud(emulator, change);
  const keys = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
  const folder = mkdtempSync(path.join(tmpdir(), "compared-"));
  const stop = record(folder, "a key", clock.now);
  try {
    const credentials = { get: async () => keys, renew: () => undefined };
    const bound = openEcs({ regionId: "cn-hangzhou", endpoint, protocol: "HTTPS", credentials, clock });
    const address = { protocol: "HTTP", host: new URL(endpoint).host } as const;
    const oss = new OssClient({ regionId: "cn-hangzhou", endpoint: address, credentials, clock });
    await turning(clock, live(bound({ doing: "testing", deadlineMs: clock.now() + 86_400_000 }), clock, oss));
  } finally {
    stop();
    server.close();
    server.closeAllConnections();
    await emulator.close();
  }
  return folder;
}

const rows = (answer: Answer): Body[] => answer.body?.Images?.Image ?? [];
const lists = (answer: Answer, images: Body[]): void => {
  answer.body.Images.Image = images;
  answer.body.TotalCount = images.length;
};
const when =
  (wanted: string, does: (answer: Answer, nth: number) => void): Change =>
  (answer, action, nth) => {
    if (action === wanted) does(answer, nth);
  };

test("a recording of a cloud that answers like the emulator has no differences", async () => {
  expect(await compare(await recordingOf())).toEqual([]);
});

test("a list that is read during a change may show the state before it", async () => {
  const folder = await recordingOf(when("DescribeImages", (answer, nth) => nth === 2 && lists(answer, [])));
  expect(await compare(folder)).not.toEqual([]);
  const file = path.join(folder, CALLS_FILE);
  const calls = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange);
  const seen = calls.filter(({ action }) => action === "DescribeImages")[1]!;
  const tookMs = Date.parse(seen.at) - Date.parse(calls[0]!.at) + 100;
  expect(calls[0]!.action).toBe("CreateImage");
  const slow = [
    { ...calls[0]!, tookMs },
    ...calls.slice(1).map((call) => (call === seen ? { ...call, tookMs: 10 } : call)),
  ];
  writeFileSync(file, slow.map((call) => `${JSON.stringify(call)}\n`).join(""));
  expect(await compare(folder)).toEqual([]);
});

const changes: { name: string; change?: Change; options?: EmulatorOptions; found: Partial<Record<string, unknown>> }[] =
  [
    {
      name: "an image has a member more",
      change: when("DescribeImages", (answer) => rows(answer).forEach((row) => (row.ImageBootOrder = 1))),
      found: { action: "DescribeImages", about: "Images.Image[].ImageBootOrder", cloud: "number", emulator: "absent" },
    },
    {
      name: "an image has a member less",
      change: when("DescribeImages", (answer) => rows(answer).forEach((row) => delete row.Usable)),
      found: { action: "DescribeImages", about: "Images.Image[].Usable", cloud: "absent", emulator: "boolean" },
    },
    {
      name: "a nested member is missing",
      change: when("DescribeImages", (answer) => rows(answer).forEach((row) => delete row.Features.ImdsSupport)),
      found: { action: "DescribeImages", about: "Images.Image[].Features.ImdsSupport", cloud: "absent" },
    },
    {
      name: "a text is a number",
      change: when("DescribeImages", (answer) =>
        rows(answer).forEach((row) =>
          row.DiskDeviceMappings.DiskDeviceMapping.forEach((disk: Body) => (disk.Size = Number(disk.Size))),
        ),
      ),
      found: {
        about: "Images.Image[].DiskDeviceMappings.DiskDeviceMapping[].Size",
        cloud: "number",
        emulator: "number in text",
      },
    },
    {
      name: "a number is a text",
      change: when("DescribeImages", (answer) => (answer.body.TotalCount = String(answer.body.TotalCount))),
      found: { about: "TotalCount", cloud: "number in text", emulator: "number" },
    },
    {
      name: "a boolean in text is spelt in another way",
      change: when("DescribeImages", (answer) =>
        rows(answer).forEach((row) => (row.IsSelfShared = row.IsSelfShared.toLowerCase())),
      ),
      found: { about: "Images.Image[].IsSelfShared", cloud: "false", emulator: "False" },
    },
    {
      name: "a time has no seconds",
      change: when("DescribeImages", (answer) =>
        rows(answer).forEach((row) => (row.CreationTime = row.CreationTime.replace(/:\d\dZ/, "Z"))),
      ),
      found: { about: "Images.Image[].CreationTime", cloud: "time to the minute", emulator: "time to the second" },
    },
    {
      name: "a member is null",
      change: when("DescribeTasks", (answer) => (answer.body.TaskSet.Task[0].FinishedTime = null)),
      found: { action: "DescribeTasks", about: "TaskSet.Task[].FinishedTime", cloud: "null" },
    },
    {
      name: "a refusal has another code",
      change: when("CreateImage", (answer) => {
        if (answer.status !== 200) answer.body.Code = "InvalidImageName.AlreadyUsed";
      }),
      found: {
        action: "CreateImage",
        about: "status and code",
        cloud: expect.stringContaining("InvalidImageName.AlreadyUsed"),
        client: "does not know the code",
      },
    },
    {
      name: "a refusal has another status",
      change: when("DeleteImage", (answer) => {
        if (answer.status !== 200) answer.status = 409;
      }),
      found: { action: "DeleteImage", about: "status and code", cloud: expect.stringMatching(/^409 /) },
    },
    {
      name: "what the emulator does is refused",
      change: when("ModifyImageAttribute", (answer) =>
        Object.assign(answer, {
          status: 400,
          body: { Code: "InvalidDescription.Malformed", Message: "No.", RequestId: "1" },
        }),
      ),
      found: { action: "ModifyImageAttribute", cloud: "400 InvalidDescription.Malformed", emulator: "200" },
    },
    {
      name: "a refusal names no host",
      change: when("CreateImage", (answer) => {
        if (answer.status !== 200) delete answer.body.HostId;
      }),
      found: { action: "CreateImage", about: "HostId", cloud: "absent" },
    },
    {
      name: "a header is missing",
      change: when("ImportImage", (answer) => delete answer.headers["x-acs-request-id"]),
      found: { action: "ImportImage", about: "header x-acs-request-id", cloud: "absent", emulator: "UUID" },
    },
    {
      name: "an image waits after it was created",
      change: when("DescribeImages", (answer, nth) => {
        if (nth === 5) for (const row of rows(answer)) row.Status = "Waiting";
        if (nth === 3) for (const row of rows(answer)) row.Status = "Creating";
      }),
      found: {
        action: "CreateImage",
        about: "order of states of the image",
        cloud: expect.stringContaining("Creating → Waiting"),
      },
    },
    {
      name: "a task is in a state that the emulator never has",
      change: when("DescribeTaskAttribute", (answer, nth) => {
        if (nth === 2) answer.body.TaskStatus = "Checking";
      }),
      found: {
        action: "ImportImage",
        about: "order of states of the task",
        cloud: expect.stringContaining("Checking"),
      },
    },
    {
      name: "an image is listed later",
      options: { quirks: { listDelayMs: 2_500 } },
      found: {
        about: "Images.Image[] by ImageId",
        cloud: expect.stringMatching(/^not listed .* s after CreateImage$/),
        emulator: "listed",
      },
    },
    {
      name: "a tag is found later",
      options: { quirks: { hideTagsWhileCreating: true } },
      found: {
        about: "Images.Image[] by Tag.Key, Tag.Value",
        cloud: expect.stringMatching(/^not listed .* s after CreateImage$/),
      },
    },
    {
      name: "a deleted image is listed for a while",
      change: (() => {
        let last: Body;
        return when("DescribeImages", (answer) => {
          if (rows(answer).length > 0) last ??= answer.body.Images.Image[0];
          else if (last) answer.body.Images.Image.push(last);
        });
      })(),
      found: { cloud: expect.stringMatching(/^listed .* s after DeleteImage$/), emulator: "not listed" },
    },
    {
      name: "an empty list is left out",
      options: { quirks: { emptyLists: "omitted" } },
      found: { about: "Images", cloud: "absent", emulator: "object" },
    },
    {
      name: "a task does not say which files it wrote",
      change: when("DescribeTaskAttribute", (answer) => {
        for (const one of answer.body.OperationProgressSet.OperationProgress) delete one.RelatedItemSet;
      }),
      found: { about: "OperationProgressSet.OperationProgress[].RelatedItemSet", cloud: "absent", emulator: "object" },
    },
    {
      name: "an answer of OSS lacks an element",
      change: when(
        "GET of OSS",
        (answer) => (answer.body = answer.body.replace(/<StorageClass>[^<]*<\/StorageClass>/g, "")),
      ),
      found: { action: "ListObjects", about: "Contents[].StorageClass", cloud: "absent" },
    },
    {
      name: "a list is in another order",
      change: when("DescribeImages", (answer) => rows(answer).reverse()),
      found: { action: "DescribeImages", about: "Images.Image[]", cloud: "in another order" },
    },
    {
      name: "a list does not count its rows",
      change: when("DescribeImages", (answer) => (answer.body.TotalCount = 0)),
      found: { action: "DescribeImages", about: "TotalCount", cloud: "fewer than its rows" },
    },
    {
      name: "a page has another size than was asked for",
      change: when("DescribeImages", (answer) => (answer.body.PageSize = 50)),
      found: { action: "DescribeImages", about: "PageSize", cloud: "50", emulator: "10" },
    },
    {
      name: "a flag is set",
      change: when("DescribeImages", (answer) => rows(answer).forEach((row) => (row.IsPublic = true))),
      found: { about: "Images.Image[].IsPublic", cloud: "true", emulator: "false" },
    },
    {
      name: "a word is another one",
      change: when("DescribeImages", (answer) => rows(answer).forEach((row) => (row.Usage = "used"))),
      found: { about: "Images.Image[].Usage", cloud: "used", emulator: "none" },
    },
    {
      name: "a change shows later",
      change: when("DescribeImages", (answer, nth) => {
        if (nth < 13) for (const row of rows(answer)) row.Description = "";
      }),
      found: { about: "Images.Image[].Description", cloud: "" },
    },
    {
      name: "ids have another form",
      change: when("ExportImage", (answer) => (answer.body.TaskId = answer.body.TaskId.replace("t-", "task-"))),
      found: { action: "ExportImage", about: "TaskId", cloud: "id task-...", emulator: "id t-..." },
    },
    {
      name: "a tag is not kept",
      change: when("DescribeImages", (answer) =>
        rows(answer).forEach((row) => (row.Tags.Tag = row.Tags.Tag.filter((tag: Body) => tag.TagKey !== "tier"))),
      ),
      found: { about: expect.stringContaining("Tags.Tag[]"), emulator: "listed" },
    },
    {
      name: "OSS lists a file later",
      change: when("GET of OSS", (answer) => (answer.body = answer.body.replace(/<Contents>[\s\S]*<\/Contents>/, ""))),
      found: { action: "ListObjects", about: "Contents", cloud: "absent" },
    },
    {
      name: "an ETag has no quotes",
      change: when("HEAD of OSS", (answer) => (answer.headers["etag"] = answer.headers["etag"]!.replaceAll('"', ""))),
      found: { action: "HeadObject", about: "header etag", emulator: "text in quotes" },
    },
    {
      name: "an answer is of another type",
      change: when("CreateImage", (answer) => (answer.headers["content-type"] = "text/json")),
      found: { action: "CreateImage", about: "header content-type", cloud: "text/json", emulator: "application/json" },
    },
    {
      name: "an id is missing",
      change: when("ImportImage", (answer) => delete answer.body.TaskId),
      found: { action: "ImportImage", about: "TaskId", cloud: "absent" },
    },
    {
      name: "a success is of another status",
      change: when("ModifyImageAttribute", (answer) => (answer.status = 202)),
      found: { action: "ModifyImageAttribute", about: "status and code", cloud: "202", emulator: "200" },
    },
    {
      name: "an answer cannot be read by the client",
      change: when("DescribeImages", (answer, nth) => {
        if (nth === 6) for (const row of rows(answer)) row.Progress = 40;
      }),
      found: { action: "DescribeImages", client: expect.stringMatching(/no row .* can be read/) },
    },
  ];

test.each(changes)("finds that $name", async ({ change, options, found }) => {
  const findings = await compare(await recordingOf(change, options));
  expect(findings).toContainEqual(expect.objectContaining(found));
});
