import type { InstanceRecord, World } from "../world/world";

/** Updates the instances of RunInstances to their present status, and releases those whose time is over. */
export function applyInstanceEffects(world: World, nowMs: number): void {
  for (const instance of world.instances.values()) {
    const { start, releasedAtMs = Infinity } = instance;
    const goneMs = Math.min(releasedAtMs, start?.vanishesAtMs ?? Infinity);
    if (goneMs <= nowMs) forgetInstance(world, instance, goneMs);
    else if (start && instance.status !== "Stopping") instance.status = statusOf(start, nowMs);
  }
}

const statusOf = (start: NonNullable<InstanceRecord["start"]>, nowMs: number): string => {
  if (nowMs < start.startingAtMs) return "Pending";
  return start.runningAtMs !== null && nowMs >= start.runningAtMs ? "Running" : "Starting";
};

/** Takes an instance and its disks out of the world; the commands in it end. */
function forgetInstance(world: World, { instanceId }: InstanceRecord, atMs: number): void {
  world.instances.delete(instanceId);
  for (const disk of world.disks.values()) if (disk.instanceId === instanceId) world.disks.delete(disk.diskId);
  for (const invocation of world.invocations.values())
    if (invocation.instanceId === instanceId) invocation.instanceReleasedMs ??= atMs;
}

/** Begins to release it: from now on it is Stopping, and after `forMs` it is in no list. */
export function releaseInstance(world: World, instance: InstanceRecord, nowMs: number, forMs: number): void {
  instance.status = "Stopping";
  instance.releasedAtMs = Math.min(instance.releasedAtMs ?? Infinity, nowMs + forMs);
  applyInstanceEffects(world, nowMs);
}

/** Whether commands can be run in it: its system is up, and the agent answers. */
export function hasAssistant({ status, start }: InstanceRecord, nowMs: number): boolean {
  if (status !== "Running") return false;
  return start === undefined || (start.assistantAtMs !== null && nowMs >= start.assistantAtMs);
}
