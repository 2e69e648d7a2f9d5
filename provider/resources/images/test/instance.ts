// Starts and deletes the instance of a test.

import { createHash } from "node:crypto";
import type { InstanceRow, Request } from "../../../ecs/actions";
import { reactionTo } from "../../../ecs/codes";
import { certainRows } from "../../../ecs/pages";
import { Failure, isFailure } from "../../../failure";
import type { Context } from "../../../lifecycle/context";
import { isSameResource, type Owner, ownerIn, ownerValue, TEST_TAG, tagsIn } from "../../../lifecycle/ownership";
import { tagParameters } from "../kind";
import { type ImageTest, testTimeoutMs } from "./args";

/** The image to test, and its owner. */
export interface Subject {
  readonly imageId: string;
  readonly owner: Owner;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * ECS itself releases a lost instance this long after the end of the test's time. Half an hour is the least that ECS
 * accepts.
 */
const RELEASE_AFTER_MS = 30 * 60_000;
const MINUTE_MS = 60_000;

/**
 * The existing instances that tests of this image have started: found by their tag, which names the resource, and by
 * their image, which no other resource has.
 */
export async function testInstances({ imageId, owner }: Subject, ctx: Context): Promise<InstanceRow[]> {
  const rows = await certainRows(ctx.ecs, "DescribeInstances", { ImageId: imageId, Tag: [{ Key: TEST_TAG }] });
  return rows.filter((row) => {
    const of = ownerIn(tagsIn(row).get(TEST_TAG));
    return row.ImageId === imageId && of !== undefined && isSameResource(of, owner);
  });
}

/**
 * The types to try, the smallest first: those that the image supports and that are in stock in some zone of the region.
 */
async function typesFor(imageId: string, test: ImageTest, ctx: Context): Promise<readonly string[]> {
  if (test.instanceType !== undefined) return [test.instanceType];
  const [supported, stock] = await Promise.all([
    ctx.ecs("DescribeImageSupportInstanceTypes", { ImageId: imageId, ActionType: "CreateEcs" }),
    ctx.ecs("DescribeAvailableResource", stockRequest(test)),
  ]);
  const inStock = new Set(
    (stock.AvailableZones?.AvailableZone ?? []).flatMap((zone) =>
      (zone.AvailableResources?.AvailableResource ?? []).flatMap(({ SupportedResources }) =>
        (SupportedResources?.SupportedResource ?? [])
          .filter(({ Status }) => Status !== "SoldOut")
          .map(({ Value }) => Value),
      ),
    ),
  );
  const fitting = (supported.InstanceTypes?.InstanceType ?? []).filter(({ InstanceTypeId }) =>
    inStock.has(InstanceTypeId),
  );
  const size = ({ CpuCoreCount = 0, MemorySize = 0 }: (typeof fitting)[number]) =>
    CpuCoreCount * 1_000_000 + MemorySize;
  const sorted = fitting.sort((a, b) => size(a) - size(b) || (a.InstanceTypeId! < b.InstanceTypeId! ? -1 : 1));
  if (sorted.length > 0) return sorted.map(({ InstanceTypeId }) => InstanceTypeId!);
  throw new Failure(
    "Refused",
    `no instance type that image ${imageId} supports is in stock in ${ctx.regionId}. Try again later, or set ` +
      "test.instanceType",
  );
}

const stockRequest = ({ systemDiskCategory }: ImageTest): Request<"DescribeAvailableResource"> => ({
  DestinationResource: "InstanceType",
  ResourceType: "instance",
  InstanceChargeType: "PostPaid",
  IoOptimized: "optimized",
  NetworkCategory: "vpc",
  SystemDiskCategory: systemDiskCategory,
});

/**
 * Refusals that do not apply to every type. Stock is known per region; only RunInstances tells whether a type is in
 * stock in the zone of the vSwitch.
 */
const NOT_IN_ZONE: readonly string[] = [
  "OperationDenied.NoStock",
  "InvalidInstanceType.ZoneNotSupported",
  "InvalidInstanceType.NotSupported",
  "InvalidInstanceType.ValueNotSupported",
  "InvalidResourceType.NotSupported",
  "InvalidSystemDiskCategory.ValueNotSupported",
  "InvalidDiskCategory.NotSupported",
  "InstanceType.Offline",
  "Zone.NotOnSale",
];
/** How many types to try: enough to skip a family that a zone does not sell. */
const MOST_TYPES = 12;

export interface StartedInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  /** The number of the client token that started it; absent if it was found by its tags. */
  readonly token?: number;
}

/**
 * Starts one instance of the first type that is in stock in the zone, with the first free client token from this one
 * on.
 */
export async function startInstance(
  subject: Subject,
  test: ImageTest,
  ctx: Context,
  firstToken = 0,
): Promise<StartedInstance> {
  let refused: unknown;
  for (const instanceType of (await typesFor(subject.imageId, test, ctx)).slice(0, MOST_TYPES)) {
    try {
      return await startOf(subject, { ...test, instanceType }, ctx, firstToken);
    } catch (error) {
      if (!isFailure(error) || !NOT_IN_ZONE.includes(error.detail.code ?? "")) throw error;
      refused = error;
    }
  }
  throw refused;
}

const MOST_TOKENS = 50;

/**
 * Each image has one sequence of client tokens. Every test of it, in any run, uses the first one that no earlier
 * request has used. A used token belongs to an instance that an interrupted run started. Either that instance is found
 * by its tags and used, or it no longer exists.
 */
async function startOf(
  subject: Subject,
  test: ImageTest & { readonly instanceType: string },
  ctx: Context,
  firstToken: number,
): Promise<StartedInstance> {
  const { instanceType } = test;
  for (let token = firstToken; ; token++) {
    try {
      const request = { ...instanceRequest(subject, test, ctx), ClientToken: tokenOf(subject.imageId, token) };
      const answer = await ctx.ecs("RunInstances", request);
      return { instanceId: answer.InstanceIdSets!.InstanceIdSet![0]!, instanceType, token };
    } catch (error) {
      if (reactionTo(error) !== "adopt" || token >= firstToken + MOST_TOKENS) throw error;
      const [earlier] = await testInstances(subject, ctx);
      if (earlier?.InstanceType === instanceType) return { instanceId: earlier.InstanceId!, instanceType };
    }
  }
}

const tokenOf = (imageId: string, n: number): string =>
  createHash("sha256").update(`test ${imageId} ${n}`).digest("hex").slice(0, 48);

function instanceRequest(
  { imageId, owner, tags }: Subject,
  test: ImageTest & { readonly instanceType: string },
  ctx: Context,
): Request<"RunInstances"> {
  const releasedMs = ctx.clock.now() + testTimeoutMs(test) + RELEASE_AFTER_MS + MINUTE_MS;
  const { instanceType, vSwitchId, securityGroupId, ramRoleName, systemDiskCategory } = test;
  return {
    ImageId: imageId,
    InstanceType: instanceType,
    VSwitchId: vSwitchId,
    SecurityGroupId: securityGroupId,
    InstanceChargeType: "PostPaid",
    InstanceName: `test-of-${imageId}`,
    AutoReleaseTime: `${new Date(releasedMs).toISOString().slice(0, 16)}:00Z`,
    Tag: [...tagParameters(tags), { Key: TEST_TAG, Value: ownerValue(owner, ctx.creationId) }],
    RamRoleName: ramRoleName,
    ...(systemDiskCategory !== undefined && { SystemDisk: { Category: systemDiskCategory } }),
  } as Request<"RunInstances">;
}

/** How long ECS may take to remove an instance from its lists. Until then its image is in use. */
const GONE_WITHIN_MS = 3 * MINUTE_MS;

/** Deletes the instance of a test, and waits until ECS no longer lists it. Succeeds if it is gone already. */
export async function deleteInstance(instanceId: string, ctx: Context): Promise<void> {
  try {
    await ctx.ecs("DeleteInstances", { InstanceId: [instanceId], Force: true });
  } catch (error) {
    if (reactionTo(error) !== "gone") throw error;
  }
  await ctx.instances.until(instanceId, {
    what: `instance ${instanceId}`,
    deadlineMs: Math.min(ctx.deadlineMs, ctx.clock.now() + GONE_WITHIN_MS),
    absenceConfirmed: true,
    report: (at) => ctx.show(`test: instance ${instanceId} is ${at}`),
    evaluate: (row) => (row ? { is: "pending", at: `${row.Status}` } : { is: "ready", value: undefined }),
  });
}

/** Deletes all instances that tests of this image have left. */
export async function deleteInstances(subject: Subject, ctx: Context): Promise<void> {
  const left = await testInstances(subject, ctx);
  await Promise.all(left.map(({ InstanceId }) => deleteInstance(InstanceId!, ctx)));
}
