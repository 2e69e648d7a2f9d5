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
 * A provider the way such providers usually are, to compare with: the whole SDK, one poll loop for each image, one
 * query for each read. It tries a throttled call, or a broken connection, again after a pause that doubles; it does not
 * report to the engine what it has started, and takes nothing over.
 */
export function plainProvider(account: PlainAccount, clock: Clock) {
  const client = new Client({
    ...account,
    endpoint: account.endpoint.replace("http://", ""),
    protocol: "http",
  } as ConstructorParameters<typeof Client>[0]);

  async function patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let pauseMs = 1_000; ; pauseMs = Math.min(2 * pauseMs, 30_000)) {
      try {
        return await call();
      } catch (error) {
        if (!/^(Throttling|ECONNRESET)/.test(String((error as { code?: unknown }).code))) throw error;
        await clock.sleep(pauseMs);
      }
    }
  }

  async function find(id: string) {
    const request = new ecs.DescribeImagesRequest({ regionId: account.regionId, imageId: id, status: STATUSES });
    const { body } = await patiently(() => client.describeImages(request));
    return body?.images?.image?.[0];
  }

  return {
    async check(_olds: Props, news: Props) {
      return { inputs: news, failures: [] };
    },
    async diff(_id: string, olds: Props, news: Props) {
      const changed = FIELDS.filter((field) => JSON.stringify(olds[field]) !== JSON.stringify(news[field]));
      return {
        changes: changed.length > 0,
        replaces: changed.filter((field) => field.endsWith("Id")),
        deleteBeforeReplace: false,
      };
    },
    async create(inputs: Props) {
      const tag = Object.entries(inputs["tags"] ?? {}).map(([key, value]) => ({ key, value: String(value) }));
      const request = new ecs.CreateImageRequest({
        regionId: account.regionId,
        instanceId: inputs["instanceId"],
        snapshotId: inputs["snapshotId"],
        imageName: inputs["imageName"],
        description: inputs["description"],
        tag,
      });
      const { body } = await patiently(() => client.createImage(request));
      const id = body!.imageId!;
      await clock.sleep(FIRST_PAUSE_MS);
      for (let attempt = 0; ; attempt++) {
        const image = await find(id);
        if (image?.status === "Available") return { id, outs: { ...inputs, imageId: id, status: image.status } };
        if (image?.status === "CreateFailed") throw new Error("the image could not be created");
        await clock.sleep(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)]!);
      }
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
