import { createHash } from "node:crypto";
import { get } from "node:http";
import OSS from "ali-oss";
import { type Emulator, emptyWorld, startEmulator } from "../../../emulator";
import { signedHeaders } from "../../../provider/oss/sign";

const bucket = "images-of-mine";

/** The official client, in every way it can address and sign. */
const ways = [
  ["V1, bucket in the host name", { authorizationV4: false, sldEnable: false }],
  ["V1, bucket in the path", { authorizationV4: false, sldEnable: true }],
  ["V4, bucket in the host name", { authorizationV4: true, sldEnable: false }],
  ["V4, bucket in the path", { authorizationV4: true, sldEnable: true }],
] as const;

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ world: emptyWorld() });
});
afterEach(() => {
  jest.restoreAllMocks();
  return emulator.close();
});

/** As a browser would ask for it, at the address of the emulator; fetch cannot send a Host of its own choice. */
const answerTo = (url: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { host, pathname, search } = new URL(url);
    get(
      { host: "127.0.0.1", port: new URL(emulator.endpoint).port, path: pathname + search, headers: { host } },
      async (answer) => {
        let body = "";
        for await (const chunk of answer) body += String(chunk);
        resolve({ status: answer.statusCode, body });
      },
    ).on("error", reject);
  });

const client = (options: Partial<OSS.Options> & { authorizationV4?: boolean; sldEnable?: boolean } = {}) =>
  new OSS({
    // The client addresses an IP by a Host header of the cloud's own, and "localhost" in the path.
    endpoint: options.sldEnable ? emulator.endpoint.replace("127.0.0.1", "localhost") : emulator.endpoint,
    region: "oss-cn-hangzhou",
    accessKeyId: "emulator-key",
    accessKeySecret: "emulator-secret",
    bucket,
    ...options,
  } as OSS.Options);

describe.each(ways)("the official client with %s", (_way, how) => {
  const keys = ["disk.raw", "a b/c+d/ü 镜像 (1)!.qcow2", "a%20b&c=d?e#f", "~tilde*'"];

  it.each(keys)("puts, finds, reads and deletes %j", async (key) => {
    const oss = client(how);
    await oss.putBucket(bucket);
    const content = Buffer.from(`content of ${key}`);
    await oss.put(key, content, { meta: { uid: 1, pid: 2 } } as OSS.PutObjectOptions);

    const head = await oss.head(key);
    expect(head.res.headers).toMatchObject({
      "content-length": String(content.length),
      etag: `"${createHash("md5").update(content).digest("hex").toUpperCase()}"`,
      "x-oss-meta-uid": "1",
    });
    expect((await oss.get(key)).content).toEqual(content);

    await oss.delete(key);
    await expect(oss.head(key)).rejects.toMatchObject({ status: 404, code: "NoSuchKey" });
    await expect(oss.get(key)).rejects.toMatchObject({ status: 404, code: "NoSuchKey" });
    await oss.delete(key); // of an object that is not there, succeeds
  });

  it("lists what is there, page by page and folder by folder", async () => {
    const oss = client(how);
    await oss.putBucket(bucket);
    for (const key of ["a/1", "a/2", "a/ü&3", "b/1", "c"]) await oss.put(key, Buffer.from(key));

    const folders = await oss.list({ delimiter: "/", "max-keys": 10 }, {});
    expect(folders.prefixes).toEqual(["a/", "b/"]);
    expect(folders.objects.map(({ name, size }) => ({ name, size }))).toEqual([{ name: "c", size: 1 }]);

    const listV2 = (
      oss as unknown as {
        listV2(query: object): Promise<{ objects: { name: string }[]; nextContinuationToken: string }>;
      }
    ).listV2.bind(oss);
    const first = await listV2({ "max-keys": "2", prefix: "a/" });
    const second = await listV2({ "max-keys": "2", prefix: "a/", "continuation-token": first.nextContinuationToken });
    expect([first, second].map(({ objects }) => objects.map(({ name }) => name))).toEqual([["a/1", "a/2"], ["a/ü&3"]]);
    expect(second.nextContinuationToken).toBeFalsy();

    const page = await oss.list({ "max-keys": 3 }, {});
    expect(page.isTruncated).toBe(true);
    expect((await oss.list({ "max-keys": 3, marker: page.nextMarker }, {})).objects.map(({ name }) => name)).toEqual([
      "b/1",
      "c",
    ]);
  });

  it("reports where a bucket is", async () => {
    const oss = client(how);
    await oss.putBucket(bucket);
    expect((await oss.getBucketLocation(bucket)).location).toBe("oss-cn-hangzhou");
    expect((await oss.getBucketInfo(bucket)).bucket).toMatchObject({
      Name: bucket,
      Location: "oss-cn-hangzhou",
      StorageClass: "Standard",
    });
    expect(
      ((await oss.listBuckets({})) as unknown as { buckets: { name: string }[] }).buckets.map(({ name }) => name),
    ).toEqual([bucket]);
  });

  it("can use a signed URL until it expires", async () => {
    const oss = client(how);
    await oss.putBucket(bucket);
    await oss.put("a b", Buffer.from("content"));
    const signer = how.sldEnable ? oss : client({ ...how, endpoint: "http://oss-cn-hangzhou.aliyuncs.com" });
    const signed = how.authorizationV4
      ? await (
          signer as unknown as {
            signatureUrlV4(method: string, expires: number, request: object, key: string): Promise<string>;
          }
        ).signatureUrlV4("GET", 60, {}, "a b")
      : signer.signatureUrl("a b", { expires: 60 });
    expect(await answerTo(signed)).toEqual({ status: 200, body: "content" });
    const meddled = await answerTo(signed.replace("a%20b", "a"));
    expect(meddled).toEqual({ status: 403, body: expect.stringContaining("<Code>SignatureDoesNotMatch</Code>") });
    const lateMs = Date.now() + 61_000;
    jest.spyOn(Date, "now").mockReturnValue(lateMs);
    expect(await answerTo(signed)).toEqual({ status: 403, body: expect.stringContaining("Request has expired.") });
  });
});

describe("what OSS refuses", () => {
  const refused = (promise: Promise<unknown>, status: number, code: string) =>
    expect(promise).rejects.toMatchObject({ status, code });

  it.each(ways)("wrong keys, with %s", async (_way, how) => {
    await client(how).putBucket(bucket);
    await refused(client({ ...how, accessKeySecret: "wrong" }).get("a"), 403, "SignatureDoesNotMatch");
    await refused(client({ ...how, accessKeyId: "nobody" }).get("a"), 403, "InvalidAccessKeyId");
  });

  it("a bucket that does not exist, apart from an object that does not", async () => {
    await refused(client({ bucket: "not-there" }).get("a"), 404, "NoSuchBucket");
    const head = await fetch(`${emulator.endpoint}/not-there/a`, { method: "HEAD" });
    expect(head.status).toBe(403); // nobody learns what exists without a signature
  });

  it("a token that is not the one that goes with the key, and one that has expired", async () => {
    await emulator.close();
    emulator = await startEmulator({
      world: emptyWorld(),
      credentials: [
        { accessKeyId: "STS.a", accessKeySecret: "s", securityToken: "token" },
        { accessKeyId: "STS.old", accessKeySecret: "s", securityToken: "token", expiresAtMs: Date.now() - 1 },
      ],
    });
    const oss = (accessKeyId: string, stsToken?: string) =>
      client({
        accessKeyId,
        accessKeySecret: "s",
        authorizationV4: true,
        ...(stsToken
          ? {
              stsToken,
              refreshSTSToken: async () => ({ accessKeyId, accessKeySecret: "s", stsToken }),
              refreshSTSTokenInterval: 1e6,
            }
          : {}),
      });
    await oss("STS.a", "token").putBucket(bucket);
    await refused(oss("STS.a", "other").putBucket(bucket), 403, "InvalidSecurityToken");
    await refused(oss("STS.a").putBucket(bucket), 403, "InvalidSecurityToken");
    await refused(oss("STS.old", "token").putBucket(bucket), 403, "SecurityTokenExpired");
  });

  it("a clock that is more than a quarter of an hour off", async () => {
    const signedAtMs = Date.now() - 16 * 60_000;
    const headers = signedHeaders(
      { method: "HEAD", bucket, key: "a" },
      { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" },
      "cn-hangzhou",
      signedAtMs,
    );
    const answer = await fetch(`${emulator.endpoint}/${bucket}/a`, { method: "HEAD", headers });
    expect(Buffer.from(answer.headers.get("x-oss-err")!, "base64").toString()).toContain(
      "<Code>RequestTimeTooSkewed</Code>",
    );
  });

  it("what the policy of a user does not allow", async () => {
    await emulator.close();
    emulator = await startEmulator({
      world: emptyWorld(),
      credentials: [
        { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" },
        {
          accessKeyId: "reader",
          accessKeySecret: "s",
          policy: {
            Version: "1",
            Statement: [{ Effect: "Allow", Action: "oss:GetObject", Resource: `acs:oss:*:*:${bucket}/public/*` }],
          },
        },
      ],
    });
    await client().putBucket(bucket);
    await client().put("public/a", Buffer.from("a"));
    const reader = client({ accessKeyId: "reader", accessKeySecret: "s" });
    expect((await reader.head("public/a")).status).toBe(200);
    await refused(reader.get("private"), 403, "AccessDenied");
    await refused(reader.delete("public/a"), 403, "AccessDenied");
    await refused(reader.list({ "max-keys": 1 }, {}), 403, "AccessDenied");
  });

  it("an upload whose content is not what was announced", async () => {
    await client().putBucket(bucket);
    await refused(
      client().put("a", Buffer.from("a"), { headers: { "Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA==" } }),
      400,
      "InvalidDigest",
    );
  });
});

describe("an object whose content is too large to keep", () => {
  it("is reported with its real size, also in the answer to a range", async () => {
    await client().putBucket(bucket);
    await client().put("disk.raw", Buffer.from("the beginning"));
    emulator.world.buckets.get(bucket)!.objects.get("disk.raw")!.size = 5 * 2 ** 30;

    expect((await client().head("disk.raw")).res.headers).toMatchObject({ "content-length": String(5 * 2 ** 30) });
    const range = await client().get("disk.raw", { headers: { Range: "bytes=0-2" } } as OSS.GetObjectOptions);
    expect(String(range.content)).toBe("the");
    expect(range.res.headers).toMatchObject({ "content-range": `bytes 0-2/${5 * 2 ** 30}` });
  });
});

describe("a large upload, in parts", () => {
  const content = Buffer.alloc(250 * 1024, "image");

  it.each(ways)("becomes one object, with %s", async (_way, how) => {
    const oss = client(how);
    await oss.putBucket(bucket);
    oss.useBucket(bucket);
    await oss.multipartUpload("disks/large.raw", content, { partSize: 100 * 1024, parallel: 2 });
    const { content: stored, res } = await oss.get("disks/large.raw");
    expect((stored as Buffer).equals(content)).toBe(true);
    expect((res.headers as Record<string, string>).etag).toMatch(/^"[0-9A-F]{32}-3"$/);
    expect(emulator.world.buckets.get(bucket)!.uploads!.size).toBe(0);
  });

  it("shows its parts while it lasts, and leaves nothing when it is aborted", async () => {
    const oss = client();
    await oss.putBucket(bucket);
    oss.useBucket(bucket);
    const { uploadId } = await oss.initMultipartUpload("large.raw");
    await oss.uploadPart("large.raw", uploadId, 1, content as never, 0, 100 * 1024);
    expect((await oss.listUploads({ "max-uploads": 10 })).uploads).toMatchObject([{ name: "large.raw", uploadId }]);
    const listed = await oss.listParts("large.raw", uploadId, { "max-parts": 10 } as never, {} as never);
    expect(listed.parts).toMatchObject({ PartNumber: "1", Size: "102400" });
    await oss.abortMultipartUpload("large.raw", uploadId);
    expect((await oss.listUploads({ "max-uploads": 10 })).uploads ?? []).toEqual([]);
    await expect(oss.abortMultipartUpload("large.raw", uploadId)).rejects.toMatchObject({ code: "NoSuchUpload" });
    await expect(oss.head("large.raw")).rejects.toMatchObject({ status: 404 });
  });

  it("is not completed with a part that was never sent, nor with one that is too small", async () => {
    const oss = client();
    await oss.putBucket(bucket);
    oss.useBucket(bucket);
    const { uploadId } = await oss.initMultipartUpload("large.raw");
    const send = async (number: number, length: number) =>
      (await oss.uploadPart("large.raw", uploadId, number, content as never, 0, length)).etag;
    const first = { number: 1, etag: await send(1, 10) };
    const second = { number: 2, etag: await send(2, 10) };
    const complete = (...parts: { number: number; etag: string }[]) =>
      oss.completeMultipartUpload("large.raw", uploadId, parts);
    await expect(complete(first, { number: 3, etag: second.etag })).rejects.toMatchObject({ code: "InvalidPart" });
    await expect(complete(first, second)).rejects.toMatchObject({ code: "EntityTooSmall" });
    await complete(first);
    expect((await oss.head("large.raw")).status).toBe(200);
  });
});

it("copies an object to another key and bucket", async () => {
  const oss = client();
  await oss.putBucket(bucket);
  await oss.putBucket("archive-of-mine");
  oss.useBucket(bucket);
  await oss.put("a file.raw", Buffer.from("raw"));
  oss.useBucket("archive-of-mine");
  await oss.copy("kept.raw", `/${bucket}/a file.raw`);
  expect(String((await oss.get("kept.raw")).content)).toBe("raw");
  await expect(oss.copy("kept.raw", `/${bucket}/none`)).rejects.toMatchObject({ code: "NoSuchKey" });
});

it("writes dates in the form of OSS, with zero milliseconds", async () => {
  const oss = client();
  await oss.putBucket(bucket);
  oss.useBucket(bucket);
  await oss.put("a.raw", Buffer.from("raw"));
  const { objects } = await oss.list({ "max-keys": 10 }, {});
  expect(objects![0]!.lastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
});

it("refuses what it does not emulate by name", async () => {
  const oss = client();
  await oss.putBucket(bucket);
  await expect(oss.getBucketACL(bucket)).rejects.toMatchObject({
    status: 501,
    message: expect.stringMatching(/^Not emulated: GET \?acl; the emulator answers these of OSS: .*PutObject/),
  });
});
