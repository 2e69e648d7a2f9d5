import type { ImageRecord } from "./image-record";

/** An instance type, with what matters for an image. */
export interface InstanceType {
  readonly id: string;
  readonly cores: number;
  /** GiB */
  readonly memory: number;
  readonly architecture: "x86_64" | "arm64";
  /** From the ninth generation on, instances need an image that supports NVMe. */
  readonly needsNvme?: true;
}

/**
 * A few types that Alibaba Cloud offers, small ones among them:
 * https://www.alibabacloud.com/help/en/ecs/user-guide/overview-of-instance-families
 */
export const instanceTypes: readonly InstanceType[] = [
  { id: "ecs.g7.large", cores: 2, memory: 8, architecture: "x86_64" },
  { id: "ecs.c7.large", cores: 2, memory: 4, architecture: "x86_64" },
  { id: "ecs.e-c1m1.large", cores: 2, memory: 2, architecture: "x86_64" },
  { id: "ecs.t6-c1m1.large", cores: 2, memory: 2, architecture: "x86_64" },
  { id: "ecs.g7.xlarge", cores: 4, memory: 16, architecture: "x86_64" },
  { id: "ecs.c9i.large", cores: 2, memory: 4, architecture: "x86_64", needsNvme: true },
  { id: "ecs.g9i.large", cores: 2, memory: 8, architecture: "x86_64", needsNvme: true },
  { id: "ecs.c8y.small", cores: 1, memory: 2, architecture: "arm64" },
  { id: "ecs.c8y.large", cores: 2, memory: 4, architecture: "arm64" },
];

export const familyOf = (instanceType: string): string => instanceType.split(".").slice(0, 2).join(".");

/** Why instances of this type cannot be started from the image; undefined if they can. */
export function misfit(
  { architecture, nvmeSupport }: Pick<ImageRecord, "architecture" | "nvmeSupport">,
  type: InstanceType,
): "architecture" | "nvme" | undefined {
  // "When the memory is 4 GiB or more, 32-bit images cannot be used."
  const fits =
    architecture === "i386" ? type.architecture === "x86_64" && type.memory < 4 : architecture === type.architecture;
  if (!fits) return "architecture";
  return type.needsNvme && nvmeSupport !== "supported" ? "nvme" : undefined;
}
