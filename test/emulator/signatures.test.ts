import { randomUUID } from "node:crypto";
import { type Credential, type Emulator, startEmulator } from "../../emulator";
import { manualClock } from "../../emulator/clock";
import { ecs, officialClient, refused } from "./official-client";
import { resignedV1, type Sent, send, signedV1, signedV3 } from "./signed-call";

const temporary: Credential = {
  accessKeyId: "STS.someone",
  accessKeySecret: "someone's",
  securityToken: "token of someone",
};
const key: Credential = { accessKeyId: "emulator-key", accessKeySecret: "emulator-secret" };
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ credentials: [key, temporary] });
});
afterAll(() => emulator.close());

const regions = (credential = key) => signedV1("DescribeRegions", { Note: "a b+c~*'(d)/中文" }, { credential });
const regionsV3 = (credential = key, change = {}) =>
  signedV3(emulator.endpoint, "DescribeRegions", { Note: "a b+c~*'(d)/中文" }, credential, change);
const codeOf = async (sent: Sent) => {
  const { status, body, text } = await send(emulator.endpoint, sent);
  return status === 200 ? "accepted" : `${status} ${body?.Code ?? /<Code>(.*)<\/Code>/.exec(text)?.[1]}`;
};
const at = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z/, "Z");

test("the official client's requests are accepted, with a plain key and with a temporary one", async () => {
  for (const credential of [key, temporary]) {
    const { body } = await officialClient(emulator.endpoint, credential).describeRegions(
      new ecs.DescribeRegionsRequest({}),
    );
    expect(body?.regions?.region?.map(({ regionId }) => regionId)).toContain("cn-hangzhou");
  }
});

test("lists of ten and more are signed in the order of their names, .1 before .10", async () => {
  const resourceIds = Array.from({ length: 12 }, (_, i) => `m-${i}`);
  await expect(
    officialClient(emulator.endpoint, key).describeTasks(
      new ecs.DescribeTasksRequest({ regionId: "cn-hangzhou", resourceIds }),
    ),
  ).resolves.toBeDefined();
  expect(
    await codeOf(
      signedV1("DescribeTasks", Object.fromEntries(resourceIds.map((id, i) => [`ResourceIds.${i + 1}`, id]))),
    ),
  ).not.toMatch(/Signature/);
});

test("a 1.0 signature is accepted in the query and in a form", async () => {
  expect(await codeOf(regions())).toBe("accepted");
  expect(await codeOf(signedV1("DescribeRegions", {}, { method: "POST" }))).toBe("accepted");
});

test("a wrong secret is refused by both signatures, and by name", async () => {
  const wrong = { ...key, accessKeySecret: "wrong" };
  expect(await codeOf(regions(wrong))).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf(regionsV3(wrong))).toBe("400 SignatureDoesNotMatch");
  expect(
    await refused(officialClient(emulator.endpoint, wrong).describeRegions(new ecs.DescribeRegionsRequest({}))),
  ).toMatchObject({ code: "SignatureDoesNotMatch" });
});

test("an unknown access key is a 404 of its own", async () => {
  expect(await codeOf(regions({ ...key, accessKeyId: "nobody" }))).toBe("404 InvalidAccessKeyId.NotFound");
});

test("a 1.0 request is refused if a parameter is changed, added or left out after signing", async () => {
  const { path } = regions();
  const params = path.slice(2).split("&");
  for (const [n, param] of params.entries()) {
    if (param.startsWith("Signature=")) continue;
    const changed = [...params.slice(0, n), `${param}x`, ...params.slice(n + 1)];
    const without = params.filter((one) => one !== param);
    expect([param, await codeOf({ ...regions(), path: `/?${changed.join("&")}` })]).not.toContain("accepted");
    expect([param, await codeOf({ ...regions(), path: `/?${without.join("&")}` })]).not.toContain("accepted");
  }
  expect(await codeOf({ ...regions(), path: `${regions().path}&Extra=1` })).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf({ ...regions(), method: "POST" })).toBe("400 SignatureDoesNotMatch");
});

test("a version 3 request is refused if a signed header, the query or the body is changed", async () => {
  expect(await codeOf(regionsV3())).toBe("accepted");
  const names = Object.keys(regionsV3(temporary).headers).filter((name) => name !== "host");
  for (const name of names) {
    const sent = regionsV3(temporary);
    const { [name]: value, ...others } = sent.headers;
    expect([name, await codeOf({ ...sent, headers: { ...sent.headers, [name]: `${value}0` } })]).not.toContain(
      "accepted",
    );
    const again = regionsV3(temporary);
    expect([name, await codeOf({ ...again, headers: others })]).not.toContain("accepted");
  }
  const otherHost = { ...regionsV3(), headers: { ...regionsV3().headers, host: "localhost" } };
  expect(await codeOf(otherHost)).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf({ ...regionsV3(), headers: { ...regionsV3().headers, "x-acs-extra": "1" } })).toBe(
    "400 IncompleteSignature",
  );
  expect(await codeOf({ ...regionsV3(), path: "/?Note=other" })).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf({ ...regionsV3(), body: "Note=other" })).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf(regionsV3(key, { "x-acs-content-sha256": "0".repeat(64) }))).toBe("400 SignatureDoesNotMatch");
});

test("a request that is sent twice is refused the second time", async () => {
  for (const sent of [regions(), regionsV3()]) {
    expect(await codeOf(sent)).toBe("accepted");
    expect(await codeOf(sent)).toBe("400 SignatureNonceUsed");
  }
});

test("a nonce that came with a wrong signature is not spent", async () => {
  const nonce = randomUUID();
  expect(
    await codeOf(
      signedV1("DescribeRegions", { SignatureNonce: nonce }, { credential: { ...key, accessKeySecret: "wrong" } }),
    ),
  ).toBe("400 SignatureDoesNotMatch");
  expect(await codeOf(signedV1("DescribeRegions", { SignatureNonce: nonce }))).toBe("accepted");
});

test.each([-16, 16])("a clock that is %i minutes off is refused by both signatures", async (minutes) => {
  const time = at(Date.now() + minutes * 60_000);
  expect(await codeOf(signedV1("DescribeRegions", { Timestamp: time }))).toBe("400 InvalidTimeStamp.Expired");
  expect(await codeOf(regionsV3(key, { "x-acs-date": time }))).toBe("400 InvalidTimeStamp.Expired");
});

test("a clock that is 14 minutes off is accepted; a time in another form is not", async () => {
  expect(await codeOf(signedV1("DescribeRegions", { Timestamp: at(Date.now() - 14 * 60_000) }))).toBe("accepted");
  expect(await codeOf(signedV1("DescribeRegions", { Timestamp: new Date().toUTCString() }))).toBe(
    "400 InvalidTimeStamp.Format",
  );
});

test("a temporary key needs its own token, in time", async () => {
  const { securityToken: _, ...bare } = temporary;
  expect(await codeOf(regions(bare))).toBe("400 MissingSecurityToken");
  expect(await codeOf(regions({ ...temporary, securityToken: "another" }))).toBe("400 InvalidSecurityToken.Malformed");
  expect(await codeOf(regions({ ...key, securityToken: "token of someone" }))).toBe(
    "400 InvalidSecurityToken.MismatchWithAccessKey",
  );
  expect(await codeOf(regionsV3(temporary))).toBe("accepted");

  emulator.credentials.set(temporary.accessKeyId, { ...temporary, expiresAtMs: Date.now() - 1 });
  expect(await codeOf(regionsV3(temporary))).toBe("400 InvalidSecurityToken.Expired");
  emulator.credentials.set(temporary.accessKeyId, temporary);
});

test.each(["AccessKeyId", "Timestamp", "SignatureNonce", "SignatureMethod", "SignatureVersion"])(
  "a 1.0 request without %s names what it lacks",
  async (name) => {
    const params = Object.fromEntries(new URLSearchParams(regions().path.slice(2)));
    delete params[name];
    expect(await codeOf(resignedV1(params, key, "GET"))).toBe(`400 Missing${name}`);
  },
);

test("another signing method or an invalid Authorization is refused as incomplete", async () => {
  expect(await codeOf(signedV1("DescribeRegions", { SignatureMethod: "HMAC-SHA256" }))).toBe("400 IncompleteSignature");
  expect(await codeOf({ ...regionsV3(), headers: { ...regionsV3().headers, authorization: "Bearer x" } })).toBe(
    "400 IncompleteSignature",
  );
});

test("an advanced clock does not expire signatures", async () => {
  const other = await startEmulator({ clock: manualClock(0) });
  expect((await send(other.endpoint, regions())).status).toBe(200);
  await other.close();
});

test("the record of calls contains no secret, no token and no signature", async () => {
  await send(emulator.endpoint, regions(temporary));
  await send(emulator.endpoint, regionsV3(temporary));
  const record = JSON.stringify(emulator.calls.map(({ answered: _, ...call }) => call));
  for (const secret of [
    key.accessKeySecret,
    temporary.accessKeySecret,
    "token of someone",
    "Signature",
    "SecurityToken",
    "x-acs",
  ])
    expect(record.includes(secret)).toBe(false);
});
