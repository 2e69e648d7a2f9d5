import { inspect } from "node:util";
import { defaultCredential, type Fault, seeds } from "../../emulator";
import { kinds } from "../support/kinds";
import { inputsOf, type Lab, openLab, type Process, resource } from "../support/lab";
import { inTurn } from "../support/sample";
import { openEcho, shapes } from "./echo";

/** Credentials that occur nowhere else: where one of them appears, it was disclosed. */
const canary = {
  accessKeyId: "LTAI5tCanary7Qx9Zr",
  accessKeySecret: "cAnArYsEcReT9fK2mW8vB4nT",
  securityToken: "CAIScanaryTOKEN/8xQ+v0123456789abcdefghij==",
};
const config = {
  "alicloud:accessKey": canary.accessKeyId,
  "alicloud:secretKey": canary.accessKeySecret,
  "alicloud:securityToken": canary.securityToken,
};

/** The forms in which they could be written. */
const forms = [...Object.values(canary)].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(encodeURIComponent(secret)),
  Buffer.from(secret).toString("base64"),
]);

/** Everything that leaves a provider: what it returns, what it throws, and what the user is shown. */
function seal(text: unknown, secrets: Iterable<string> = []) {
  const out =
    typeof text === "string"
      ? text
      : inspect(text, { depth: 20, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity });
  for (const secret of [...forms, ...secrets]) expect(out.includes(secret) ? `${secret} is in: ${out}` : "").toBe("");
}

/** Runs every operation of a kind, with any outcome, and keeps everything that it outputs. */
async function everyVerb(
  lab: Lab,
  process: Process,
  { kind, args, changedInPlace }: (typeof kinds)[number],
): Promise<unknown[]> {
  const provider = process.of(kind);
  const inputs = inputsOf(kind, "golden", args, { create: "5m", update: "5m", delete: "5m" });
  const id = kind === "ImageExport" ? "t-1" : "m-1";
  const state = {
    ...inputs,
    imageId: args["imageId"] ?? id,
    taskId: id,
    regionId: "cn-hangzhou",
    status: "Creating",
    objects: kind === "ImageExport" ? [{ bucket: seeds.exportBucket, key: "k", size: 1, eTag: "E" }] : undefined,
  };
  const outcomes: unknown[] = [];
  for (const run of [
    () => provider.check({}, { ...inputs, ...(kind === "ImportedImage" && { trackSource: true }) }),
    () => provider.create(inputs),
    () => provider.read(id, state),
    () => provider.update(id, state, inputsOf(kind, "golden", changedInPlace, { update: "5m" })),
    () => provider.delete(id, state),
  ])
    outcomes.push(await lab.turn<unknown>(run()).catch((error: unknown) => error));
  await process.end();
  return outcomes;
}

describe("no credential is disclosed", () => {
  it.each(kinds)("in the full lifecycle of a $kind", async (given) => {
    const lab = await openLab({ world: given.world(), credentials: [canary] }, config);
    const subject = resource(lab, given.kind);
    for (const run of [
      () => subject.up(given.args),
      () => subject.refresh(),
      () => subject.up(given.changedInPlace),
      () => subject.up(given.replaced),
    ])
      seal([await run(), subject.state, subject.old]);
    await subject.destroy();
    seal(lab.said);
    expect(lab.emulator.calls.length).toBeGreaterThan(10);
    await lab.close();
  });

  const faults: Record<string, Fault> = {
    reset: { kind: "reset" },
    truncate: { kind: "truncate" },
    silence: { kind: "silence" },
    "403": { kind: "error", status: 403, code: "Forbidden.RAM" },
    "500": { kind: "error", status: 500, code: "InternalError" },
    throttling: { kind: "error", status: 429, code: "Throttling.User" },
    "expired keys": { kind: "error", status: 400, code: "InvalidSecurityToken.Expired" },
    "wrong types": { kind: "answer", status: 200, body: '{"RequestId":1}' },
  };
  it.each(
    Object.entries(faults).flatMap(([name, fault], at) =>
      inTurn(kinds, at).map((given) => ({ kind: given.kind, name, fault, given })),
    ),
  )("by a $kind when every call meets $name", async ({ fault, given }) => {
    const lab = await openLab({ world: given.world(), credentials: [canary] }, config, { callTimeoutMs: 30 });
    lab.emulator.intercept = (_call, phase) => (phase === "before" ? fault : undefined);
    seal([await everyVerb(lab, lab.process(), given), lab.said]);
    await lab.close();
  });

  it.each(
    Object.keys(shapes).flatMap((shape, at) => inTurn(kinds, at).map((given) => ({ kind: given.kind, shape, given }))),
  )("by a $kind when the cloud repeats the whole request $shape", async ({ shape, given }) => {
    const echo = await openEcho(shapes[shape]!);
    const lab = await openLab(
      {},
      {
        ...config,
        "alicloud:endpoints": JSON.stringify({ ecs: echo.endpoint, oss: echo.endpoint, sts: echo.endpoint }),
      },
      { callTimeoutMs: 2_000 },
    );
    seal([await everyVerb(lab, lab.process(), given), lab.said], echo.heard);
    expect(echo.count).toBeGreaterThan(3);
    expect(echo.heard.size).toBeGreaterThan(3);
    await lab.close();
    await echo.close();
  });

  it.each(Object.keys(shapes))("when STS repeats the whole request %s", async (shape) => {
    const echo = await openEcho(shapes[shape]!);
    const given = kinds[0]!;
    const lab = await openLab(
      {},
      {
        ...config,
        "alicloud:assumeRole": JSON.stringify({ roleArn: seeds.assumableRoleArn }),
        "alicloud:endpoints": JSON.stringify({ ecs: echo.endpoint, sts: echo.endpoint }),
      },
    );
    seal([await everyVerb(lab, lab.process(), given), lab.said], echo.heard);
    expect(echo.count).toBeGreaterThan(0);
    await lab.close();
    await echo.close();
  });

  it.each([
    ["alicloud:endpoints", JSON.stringify({ ecs: `https://user:${canary.accessKeySecret}@ecs.example.com` })],
    ["alicloud:endpoints", `{"ecs": "${canary.accessKeySecret}`],
    ["alicloud:endpoints", JSON.stringify({ oss: `https://${canary.accessKeySecret}@oss.example.com` })],
    ["alicloud:region", canary.accessKeySecret],
    ["alicloud:protocol", canary.accessKeySecret],
    ["alicloud:assumeRole", `{"roleArn": "${canary.accessKeySecret}"}`],
    ["alicloud:accessKey", `${canary.accessKeySecret}\n`.repeat(2)],
  ])("of a setting %s that contains one by mistake", async (key, value) => {
    const lab = await openLab({ credentials: [canary] }, { ...config, [key]: value });
    for (const given of kinds) seal([await everyVerb(lab, lab.process(), given), lab.said]);
    await lab.close();
  });
});

test("the search finds the lab's credentials where they are, so finding none is a proof", () => {
  expect(() => seal({ deep: [{ message: `with ${canary.accessKeySecret}` }] })).toThrow();
  expect(defaultCredential.accessKeySecret).not.toBe(canary.accessKeySecret);
});
