import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { seeds } from "../../emulator";
import type { DynamicProvider } from "../../provider/hosts/dynamic/provider";
import type { GrpcError } from "../../provider/hosts/native/errors";
import { resourceOf, tokenOf } from "../../provider/hosts/native/package";
import * as methods from "../../provider/hosts/native/resources";
import { propsOf, structOf } from "../../provider/hosts/native/values";
import { asSecrets, SECRET, SIGNATURE } from "../../provider/hosts/secrets";
import { FRONTS, type Front } from "../support/fronts";
import { EXPORTABLE, manyWorld } from "../support/kinds";
import { BRIEF, inputsOf, type Lab, openLab, type Process, type Props, type ResourceName, urnOf } from "../support/lab";
import { ofHost } from "../support/sample";

/** What one host returns and throws, with the secrets marked as the engine marks them for that host. */
interface Host {
  check(news: Props): Promise<unknown>;
  preview(news: Props): Promise<unknown>;
  create(news: Props): Promise<{ id: string; state: Props; raw: unknown }>;
  read(id: string, state: Props): Promise<unknown>;
  update(id: string, state: Props, news: Props): Promise<{ state: Props; raw: unknown }>;
  remove(id: string, state: Props): Promise<unknown>;
}

/** A value without anything that is marked as secret. */
const plainPart = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plainPart);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Props;
  if (record[SIGNATURE] === SECRET) return undefined;
  return Object.fromEntries(Object.entries(record).map(([key, held]) => [key, plainPart(held)]));
};

/** The engine sends a dynamic provider no marks. In its answers, it marks outputs with the name of a secret input. */
function dynamicHost(provider: DynamicProvider, kind: ResourceName, secret: string): Host {
  const inputs = (news: Props) => ({ ...inputsOf(kind, "res", news), __secrets: [secret] });
  const engineSends = (outs: Props) => propsOf(structOf(outs));
  const annotated = (outs: Props) => plainPart(asSecrets(outs, [secret]));
  return {
    check: async (news) => (await provider.check({}, inputs(news))).failures,
    preview: async (news) => (await provider.check({}, { ...inputs(news), __preview: true })).failures,
    async create(news) {
      const { id, outs } = await provider.create(inputs(news));
      return { id, state: engineSends(outs), raw: annotated(outs) };
    },
    async read(id, state) {
      const { props, inputs: read = {} } = await provider.read(id, state);
      return [annotated(props), annotated(read)];
    },
    async update(id, state, news) {
      const { outs } = await provider.update(id, state, inputs(news));
      return { state: engineSends(outs), raw: annotated(outs) };
    },
    remove: (id, state) => provider.delete(id, state),
  };
}

/** The engine sends a native provider the marks, and uses the marks in its answers. */
function nativeHost(process: Process, kind: ResourceName, secret: string): Host {
  const resource = {
    ...resourceOf(tokenOf(kind), process.session)!,
    signal: new AbortController().signal,
    fresh: new Set<string>(),
  };
  const urn = urnOf(kind, "res").replace("pulumi-nodejs:dynamic/alicloud-image:", "alicloud-image:index:");
  const sent = (props: Props) => structOf(asSecrets(props, [secret]));
  const seen = (struct: { toJavaScript(): object } | undefined) => plainPart(struct?.toJavaScript());
  const create = (news: Props) => new pb.CreateRequest().setUrn(urn).setProperties(sent(news));
  const update = (id: string, state: Props, news: Props) =>
    new pb.UpdateRequest().setId(id).setUrn(urn).setOlds(sent(state)).setNews(sent(news));
  return {
    async check(news) {
      const answer = await methods.check(new pb.CheckRequest().setUrn(urn).setNews(sent(news)), resource);
      return [seen(answer.getInputs()), answer.getFailuresList().map((one) => one.toObject())];
    },
    preview: async (news) => seen((await methods.create(create(news).setPreview(true), resource)).getProperties()),
    async create(news) {
      const answer = await methods.create(create(news), resource);
      return { id: answer.getId(), state: propsOf(answer.getProperties()), raw: seen(answer.getProperties()) };
    },
    async read(id, state) {
      const request = new pb.ReadRequest().setId(id).setUrn(urn).setProperties(sent(state)).setInputs(sent({}));
      const answer = await methods.read(request, resource);
      return [seen(answer.getProperties()), seen(answer.getInputs())];
    },
    async update(id, state, news) {
      const previewed = await methods.update(update(id, state, news).setPreview(true), resource);
      const answer = await methods.update(update(id, state, news), resource);
      const raw = [seen(previewed.getProperties()), seen(answer.getProperties())];
      return { state: propsOf(answer.getProperties()), raw };
    },
    remove: (id, state) =>
      methods.remove(new pb.DeleteRequest().setId(id).setUrn(urn).setProperties(sent(state)), resource),
  };
}

interface Life {
  readonly kind: ResourceName;
  readonly args: Props;
  readonly changed: Props;
}

const file = { ossBucket: seeds.imageBucket, ossObject: seeds.imageObject };
const ofImages = {
  imageName: "name-q7x",
  imageFamily: "family-q7x",
  description: "description-q7x",
  resourceGroupId: seeds.resourceGroupId,
  bootMode: "UEFI",
  tags: { "key-q7x": "tag-q7x" },
  triggers: ["trigger-q7x", { deep: "trigger-q8x" }],
  keepVersions: 1,
};
const changedImage = { imageName: "name-q9x", description: "description-q9x", tags: { "key-q7x": "tag-q9x" } };
const lives: readonly Life[] = [
  {
    kind: "CustomImage",
    args: { ...ofImages, instanceId: seeds.instanceId, imageVersion: "version-q7x", platform: "Aliyun" },
    changed: changedImage,
  },
  {
    kind: "ImportedImage",
    args: { ...ofImages, diskDeviceMappings: [file], roleName: seeds.importRole, trackSource: true },
    changed: changedImage,
  },
  {
    kind: "ImageCopy",
    args: { ...ofImages, sourceImageId: EXPORTABLE, sourceRegionId: seeds.regionId, regionId: "cn-beijing" },
    changed: changedImage,
  },
  {
    kind: "ImageExport",
    args: { imageId: EXPORTABLE, ossBucket: seeds.exportBucket, ossPrefix: "prefixq7x", triggers: ["trigger-q7x"] },
    changed: { deleteObjects: true },
  },
  {
    kind: "ImageSharePermission",
    args: { imageId: EXPORTABLE, accountIds: ["2222222222222222"] },
    changed: { accountIds: ["3333333333333333"] },
  },
];

/** Every string in a value that reveals something. Booleans and small numbers do not. */
const tellingIn = (value: unknown): string[] => {
  if (typeof value === "string") return value.length >= 5 ? [value] : [];
  return typeof value === "object" && value !== null
    ? [...Object.keys(value), ...Object.values(value)].flatMap(tellingIn)
    : [];
};

const cases = FRONTS.flatMap((front) =>
  lives.flatMap((life) =>
    Object.keys(life.args)
      .filter(ofHost(front))
      .map((secret) => ({ front, ...life, secret })),
  ),
);

let lab: Lab;
const open = async () => {
  lab = await openLab({ world: manyWorld(1), durations: BRIEF });
};
beforeEach(open);
afterEach(() => lab.close());

const hostOf = (front: Front, kind: ResourceName, secret: string): Host => {
  const process = lab.process();
  return front === "native" ? nativeHost(process, kind, secret) : dynamicHost(process.of(kind), kind, secret);
};

/** What came of it: the answer, or all that an engine reads of an error. What it records is marked as in an answer. */
async function told(work: Promise<unknown>, secret: string): Promise<unknown> {
  try {
    return await lab.turn(work);
  } catch (error) {
    const { message, details, metadata, properties, reasons } = error as Partial<GrpcError> & {
      properties?: Props;
      reasons?: unknown;
    };
    const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
    const [detail] = bytes === undefined ? [] : Status.deserializeBinary(bytes as Buffer).getDetailsList();
    const failed = detail && pb.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    const recorded = [failed?.getProperties(), failed?.getInputs()].map((struct) => plainPart(struct?.toJavaScript()));
    return [
      message,
      details,
      failed?.getReasonsList(),
      recorded,
      plainPart(asSecrets(properties ?? {}, [secret])),
      reasons,
    ];
  }
}

/** An id cannot be a secret, and the id of a permission is the id of its image. */
const isId = ({ kind, secret }: { kind: ResourceName; secret: string }) =>
  kind === "ImageSharePermission" && secret === "imageId";

function expectHidden(all: unknown, values: readonly string[]) {
  const text = JSON.stringify([all, lab.said]);
  for (const value of values) expect(text.includes(value) ? `${value} is in ${text}` : "").toBe("");
}

describe.each(cases.filter((one) => !isId(one)))("$kind with a secret $secret, through the $front host", (one) => {
  const { front, kind, args, changed, secret } = one;
  const values = [...tellingIn(args[secret]), ...tellingIn(changed[secret])];

  it("shows nothing of it in the full lifecycle", async () => {
    const host = hostOf(front, kind, secret);
    const heard: unknown[] = [await told(host.check(args), secret), await told(host.preview(args), secret)];
    const made = await lab.turn(host.create(args));
    const updated = await lab.turn(host.update(made.id, made.state, { ...args, ...changed }));
    heard.push(made.raw, updated.raw, await told(host.read(made.id, updated.state), secret));
    const again = await lab.turn(host.create({ ...args, ...changed, triggers: ["another"] }));
    heard.push(
      again.raw,
      await told(host.remove(made.id, updated.state), secret),
      await told(host.read(again.id, again.state), secret),
    );
    heard.push(await told(host.remove(again.id, again.state), secret));
    const { images, snapshots } = lab.emulator.world;
    const tags = [...images.values(), ...snapshots.values()].flatMap((row) => [...row.tags]);
    heard.push(tags.filter(([key]) => key.startsWith("pulumi-alicloud-image:")));
    expectHidden(heard, values);
    expect(made.id).toBeTruthy();
  });

  it("shows nothing of it when the cloud repeats it in its refusals", async () => {
    const host = hostOf(front, kind, secret);
    const made = await lab.turn(host.create(args));
    lab.emulator.intercept = ({ action, params }, phase) =>
      phase === "before" && !/^(Describe|List)/.test(action)
        ? { kind: "error", status: 403, code: "Forbidden.RAM", message: `not you: ${JSON.stringify(params)}` }
        : undefined;
    const heard = [
      await told(
        host.create(args).then(({ raw }) => raw),
        secret,
      ),
      await told(host.update(made.id, made.state, { ...args, ...changed }), secret),
    ];
    heard.push(await told(host.remove(made.id, made.state), secret), await told(host.preview(args), secret));
    expectHidden(heard, values);
  });

  it("shows nothing of it when it is not valid", async () => {
    const host = hostOf(front, kind, secret);
    const wrong = [
      `wrong q7x ${"!".repeat(300)}`,
      ["wrong q7x !", { "wrong q7x key": "wrong q7x !" }],
      { "acs:wrong q7x": 1 },
    ];
    for (const value of wrong)
      expectHidden(await told(host.check({ ...args, [secret]: value }), secret), ["wrong q7x"]);
  });
});

it("finds a value that is not hidden", async () => {
  const host = hostOf("dynamic", "CustomImage", "nothing");
  const heard = await told(host.check({ ...lives[0]!.args, imageName: "wrong q7x" }), "nothing");
  expect(JSON.stringify(heard)).toContain("wrong q7x");
});
