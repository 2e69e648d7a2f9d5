import type { InstanceRecord, World } from "../world/world";

/** Updates the status of the instances of RunInstances, and releases those whose time is over. */
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

/** Removes an instance and its disks from the world. Its commands end. */
function forgetInstance(world: World, { instanceId }: InstanceRecord, atMs: number): void {
  world.instances.delete(instanceId);
  for (const disk of world.disks.values()) if (disk.instanceId === instanceId) world.disks.delete(disk.diskId);
  for (const invocation of world.invocations.values())
    if (invocation.instanceId === instanceId) invocation.instanceReleasedMs ??= atMs;
}

/** Starts to release an instance: it is Stopping from now on, and no list shows it after `forMs`. */
export function releaseInstance(world: World, instance: InstanceRecord, nowMs: number, forMs: number): void {
  instance.status = "Stopping";
  instance.releasedAtMs = Math.min(instance.releasedAtMs ?? Infinity, nowMs + forMs);
  applyInstanceEffects(world, nowMs);
}

/** Whether it can run commands: its system is up, and its agent answers. */
export function hasAssistant({ status, start }: InstanceRecord, nowMs: number): boolean {
  if (status !== "Running") return false;
  return start === undefined || (start.assistantAtMs !== null && nowMs >= start.assistantAtMs);
}
