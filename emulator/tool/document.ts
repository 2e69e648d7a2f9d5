import { imageState } from "../images/state";
import type { Call, InjectedFault } from "../request/emulation";
import { isoTime } from "../request/fields";
import { invocationState } from "../resources/invocations";
import { taskState } from "../resources/tasks";
import { accountsIn } from "../world/accounts";
import { spanState } from "../world/span";
import type { ImageRecord, InstanceRecord, InvocationRecord, SnapshotRecord, TaskRecord, World } from "../world/world";

/**
 * What the cloud holds at this moment, for `GET /_emulator/world.json`: every account with its resources, and the
 * progress of those that take time.
 */
export const worldDocument = (cloud: World, nowMs: number, faults: readonly InjectedFault[]) => ({
  now: isoTime(nowMs),
  faults,
  regions: [...cloud.regions.keys()],
  quirks: cloud.quirks,
  accounts: accountsIn(cloud).map((world) => ({
    accountId: world.account.accountId,
    instances: [...world.instances.values()].map((instance) => instanceOf(world, instance)),
    commands: [...world.invocations.values()].map((invocation) => commandOf(invocation, nowMs)),
    vSwitches: [...world.vSwitches.values()],
    securityGroups: [...world.securityGroups.values()],
    images: [...world.images.values()].map((image) => imageOf(image, nowMs)),
    snapshots: [...world.snapshots.values()].map((snapshot) => snapshotOf(snapshot, nowMs)),
    tasks: [...world.tasks.values()].map((task) => taskOf(task, nowMs)),
    buckets: [...world.buckets.values()].map(({ name, regionId, objects }) => ({
      name,
      regionId,
      objects: [...objects.values()].map(({ key, size, eTag, lastModified }) => ({
        key,
        size,
        eTag,
        lastModified: isoTime(lastModified),
      })),
    })),
    roles: [...world.roles.keys()],
    resourceGroups: [...world.resourceGroups.keys()],
    scenarios: world.scenarios,
  })),
});

function instanceOf(world: World, instance: InstanceRecord) {
  const { instanceId, instanceName, instanceType, regionId, status, locks, imageId, tags, releasedAtMs } = instance;
  return {
    instanceId,
    instanceName,
    instanceType,
    regionId,
    status,
    locks,
    imageId,
    releasedAt: releasedAtMs === undefined ? undefined : isoTime(releasedAtMs),
    tags: Object.fromEntries(tags),
    disks: [...world.disks.values()]
      .filter((disk) => disk.instanceId === instanceId)
      .map(({ diskId, type, size, encrypted }) => ({ diskId, type, size, encrypted })),
  };
}

function commandOf(invocation: InvocationRecord, nowMs: number) {
  const { status, exitCode, output } = invocationState(invocation, nowMs);
  const { invokeId, instanceId, regionId, content } = invocation;
  return { invokeId, instanceId, regionId, content, status, exitCode, output: output.toString("utf8") };
}

function imageOf(image: ImageRecord, nowMs: number) {
  const { status, percent, usable, remainingMs } = imageState(image, nowMs);
  const { imageId, imageName, imageFamily, description, regionId, owner, sharedWith, tags } = image;
  const { madeFrom, sourceId = "" } = image;
  return {
    imageId,
    imageName,
    imageFamily,
    description,
    regionId,
    owner,
    status,
    progress: percent,
    usable,
    remainingSeconds: Math.ceil(remainingMs / 1000),
    createdAt: isoTime(image.createdMs),
    madeFrom,
    sourceId,
    copyOf: image.copyOf && { regionId: image.copyOf.regionId, imageId: image.copyOf.imageId },
    isPublic: image.isPublic,
    sharedWith,
    tags: Object.fromEntries(tags),
    disks: image.diskMappings.map(({ type, device, size, snapshotId, encrypted }) => ({
      type,
      device,
      size,
      snapshotId,
      encrypted,
    })),
  };
}

function snapshotOf({ snapshotId, snapshotName, regionId, span, ...snapshot }: SnapshotRecord, nowMs: number) {
  const { phase, percent } = spanState(span, nowMs);
  return {
    snapshotId,
    snapshotName,
    regionId,
    status: phase === "done" ? "accomplished" : phase === "failed" ? "failed" : "progressing",
    progress: percent,
    diskType: snapshot.sourceDiskType,
    size: snapshot.sourceDiskSize,
    encrypted: snapshot.encrypted,
    takenFor: snapshot.takenFor,
    tags: Object.fromEntries(snapshot.tags),
  };
}

function taskOf(task: TaskRecord, nowMs: number) {
  const { status, percent, reason } = taskState(task, nowMs);
  const { taskId, regionId, action, imageId, objects } = task;
  return { taskId, regionId, action, imageId, status, progress: percent, reason, objects };
}

/** The calls from number `since` on, at most 200, for `GET /_emulator/calls.json?since=0`. */
export const callsDocument = (calls: readonly Call[], since: number) => ({
  total: calls.length,
  calls: calls
    .slice(since)
    .slice(-200)
    .map((call, at, page) => ({
      number: calls.length - page.length + at,
      action: call.action,
      at: isoTime(call.at),
      status: call.answered?.status,
      code: call.answered?.code,
      ms: call.tookMs === undefined ? undefined : Math.round(call.tookMs),
      effect: call.effect,
      params: call.params,
    })),
});
