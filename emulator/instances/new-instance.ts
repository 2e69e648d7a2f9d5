import type { Durations } from "../request/emulation";
import { deviceName } from "../world/image-disk";
import { nextId } from "../world/next-id";
import type { Scenario } from "../world/scenario";
import type {
  DiskRecord,
  ImageRecord,
  InstanceRecord,
  InstanceStart,
  SecurityGroupRecord,
  VSwitchRecord,
  World,
} from "../world/world";

interface Launch {
  readonly image: ImageRecord;
  readonly instanceType: string;
  readonly vSwitch: VSwitchRecord;
  readonly group: SecurityGroupRecord;
  readonly instanceName: string | undefined;
  readonly diskCategory: string;
  readonly resourceGroupId: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly releasedAtMs: number | undefined;
  readonly start: InstanceStart;
}

/** Adds an instance to the world, with a disk for each disk of its image. */
export function addInstance(world: World, launch: Launch, nowMs: number): InstanceRecord {
  const { image, vSwitch, group, releasedAtMs, start } = launch;
  const instanceId = nextId(world, "i");
  const instance: InstanceRecord = {
    instanceId,
    regionId: vSwitch.regionId,
    zoneId: vSwitch.zoneId,
    instanceName: launch.instanceName ?? instanceId,
    description: "",
    instanceType: launch.instanceType,
    status: "Pending",
    locks: [],
    hibernationConfigured: false,
    needsRestart: false,
    imageId: image.imageId,
    resourceGroupId: launch.resourceGroupId,
    tags: new Map(launch.tags),
    createdMs: nowMs,
    vSwitchId: vSwitch.vSwitchId,
    securityGroupId: group.securityGroupId,
    ...(releasedAtMs !== undefined && { releasedAtMs }),
    start,
  };
  world.instances.set(instanceId, instance);
  for (const [n, disk] of image.diskMappings.entries()) {
    const diskId = nextId(world, "d");
    world.disks.set(diskId, diskOf(instance, launch, { ...disk, diskId, device: deviceName(n) }, nowMs));
  }
  return instance;
}

const diskOf = (
  { instanceId, regionId, zoneId, resourceGroupId, tags }: InstanceRecord,
  { diskCategory, image }: Launch,
  { diskId, type, size, device, encrypted, snapshotId }: ImageRecord["diskMappings"][number] & { diskId: string },
  nowMs: number,
): DiskRecord => ({
  diskId,
  diskName: "",
  regionId,
  zoneId,
  type,
  category: diskCategory,
  size,
  status: "In_use",
  instanceId,
  device,
  sourceSnapshotId: type === "data" ? snapshotId : "",
  everAttached: true,
  encrypted,
  kmsKeyId: encrypted ? (image.kmsKeyId ?? "") : "",
  resourceGroupId,
  tags: new Map(tags),
  createdMs: nowMs,
});

/** The part of the boot time in which an instance is Pending. */
const PENDING_SHARE = 0.2;

const CONSOLE = {
  power: "",
  system:
    "Booting from Hard Disk...\n[    1.482311] Kernel panic - not syncing: VFS: Unable to mount root fs on " +
    "unknown-block(0,0)\n",
  assistant: "Starting system...\n[  OK  ] Reached target Multi-User System.\nlogin: ",
  nothing: "Starting system...\n[  OK  ] Started aliyun-service.\n[  OK  ] Reached target Multi-User System.\nlogin: ",
};

/** How an instance starts in this scenario. */
export function startOf(scenario: Scenario | undefined, durations: Durations, nowMs: number): InstanceStart {
  const { missing, exitCode, output, commandMs, goneAfterMs } = scenario ?? {};
  const bootMs = scenario?.durationMs ?? durations.bootMs;
  const runningAtMs = missing === "power" ? null : nowMs + bootMs;
  return {
    startingAtMs: nowMs + bootMs * PENDING_SHARE,
    runningAtMs,
    assistantAtMs: missing === undefined ? nowMs + bootMs * 1.5 : null,
    consoleOutput: scenario?.consoleOutput ?? CONSOLE[missing ?? "nothing"],
    command: {
      durationMs: commandMs ?? durations.commandMs,
      ...(exitCode !== undefined && { exitCode }),
      ...(output !== undefined && { output }),
    },
    ...(goneAfterMs !== undefined && { vanishesAtMs: nowMs + goneAfterMs }),
  };
}
