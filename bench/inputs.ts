import { seeds } from "../emulator/world/seed";
import { URN } from "../provider/hosts/dynamic/provider";

export type Side = "ours" | "plain";
export type Props = Record<string, unknown>;

/** The emulator's own account. */
export const account = (endpoint: string) => ({
  endpoint,
  regionId: seeds.regionId,
  accessKeyId: "emulator-key",
  accessKeySecret: "emulator-secret",
});

export const settingsFor = (endpoint: string): Record<string, string> => ({
  "alicloud:region": account(endpoint).regionId,
  "alicloud:accessKey": account(endpoint).accessKeyId,
  "alicloud:secretKey": account(endpoint).accessKeySecret,
  "alicloud:endpoints": JSON.stringify({ ecs: endpoint }),
});

/** The provider's inputs of the nth image of a stack. */
export const inputsOf = (n: number): Props => ({
  snapshotId: seeds.systemSnapshotId,
  imageName: `golden-${n}`,
  description: "the base of the fleet",
  tags: { team: "platform" },
  [URN]: `urn:pulumi:bench::golden::pulumi-nodejs:dynamic/alicloud-image:CustomImage::golden-${n}`,
  __provider: "the provider's text",
});
