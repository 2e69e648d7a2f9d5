import Client, * as ecs from "@alicloud/ecs20140526";
import type { Clock } from "../provider/wait/clock";

export interface PlainAccount {
  readonly endpoint: string;
  readonly regionId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

type Props = Record<string, any>;

const FIRST_PAUSE_MS = 10_000;
const PAUSES_MS = [3_000, 6_000, 10_000];
const STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";
const FIELDS = ["imageName", "imageFamily", "description", "instanceId", "snapshotId", "diskDeviceMappings", "tags"];

/**
 * An ordinary provider for comparison: the whole SDK, one poll loop for each image, one query for each read. It repeats
 * a throttled call or a broken connection after a pause that doubles. It does not report to the engine what it has
 * started, and takes nothing over.
 */
export function plainProvider(account: PlainAccount, clock: Clock) {
  const client = new Client({
    ...account,
    endpoint: account.endpoint.replace("http://", ""),
    protocol: "http",
  } as ConstructorParameters<typeof Client>[0]);

  const patiently = <T>(call: () => Promise<T>) => withPatience(call, clock);

  async function find(id: string) {
    const request = new ecs.DescribeImagesRequest({ regionId: account.regionId, imageId: id, status: STATUSES });
    const { body } = await patiently(() => client.describeImages(request));
    return body?.images?.image?.[0];
  }

  async function untilAvailable(id: string, inputs: Props) {
    await clock.sleep(FIRST_PAUSE_MS);
    for (let attempt = 0; ; attempt++) {
      const image = await find(id);
      if (image?.status === "Available") return { id, outs: { ...inputs, imageId: id, status: image.status } };
      if (image?.status === "CreateFailed") throw new Error("the image could not be created");
      await clock.sleep(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]!);
    }
  }

  return {
    async check(_olds: Props, news: Props) {
      return { inputs: news, failures: [] };
    },
    diff: async (_id: string, olds: Props, news: Props) => differences(olds, news),
    async create(inputs: Props) {
      const { body } = await patiently(() => client.createImage(creating(inputs, account.regionId)));
      return untilAvailable(body!.imageId!, inputs);
    },
    async read(id: string, props: Props) {
      const image = await find(id);
      return image
        ? { id, props: { ...props, status: image.status, imageName: image.imageName, description: image.description } }
        : { id: "", props: {} };
    },
    async delete(id: string, _props: Props) {
      await patiently(() =>
        client.deleteImage(new ecs.DeleteImageRequest({ regionId: account.regionId, imageId: id })),
      );
      while (await find(id)) await clock.sleep(3_000);
    },
  };
}

function creating(inputs: Props, regionId: string) {
  const tag = Object.entries(inputs["tags"] ?? {}).map(([key, value]) => ({ key, value: String(value) }));
  return new ecs.CreateImageRequest({
    regionId,
    instanceId: inputs["instanceId"],
    snapshotId: inputs["snapshotId"],
    imageName: inputs["imageName"],
    description: inputs["description"],
    tag,
  });
}

function differences(olds: Props, news: Props) {
  const changed = FIELDS.filter((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field]));
  const replaces = changed.filter((field) => field.endsWith("Id"));
  return { changes: changed.length > 0, replaces, deleteBeforeReplace: false };
}

async function withPatience<T>(call: () => Promise<T>, clock: Clock): Promise<T> {
  for (let pauseMs = 1_000; ; pauseMs = Math.min(2 * pauseMs, 30_000)) {
    try {
      return await call();
    } catch (error) {
      if (!/^(Throttling|ECONNRESET)/.test(String((error as { code?: unknown }).code))) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
