import type { Span } from "./span";

/** An instance, as far as images can be made of it. */
export interface InstanceRecord {
  /** For example `i-emulator0golden`. */
  instanceId: string;
  /** The region where it is. */
  regionId: string;
  /** The zone where it is. */
  zoneId: string;
  /** `InstanceName`. */
  instanceName: string;
  /** `Description`; empty: none. */
  description: string;
  /** For example `ecs.g7.large`. */
  instanceType: string;
  /** `Running`, `Stopped`, `Starting`, `Stopping`, `Pending`. */
  status: string;
  /** For example `security`, `financial`. */
  locks: string[];
  /** True: no image can be made of it. */
  hibernationConfigured: boolean;
  /** A disk was attached while it was stopped: it must be started before an image can be made. */
  needsRestart: boolean;
  /** The image that it was made from. */
  imageId: string;
  /** The resource group; empty: the default group. */
  resourceGroupId: string;
  /** Key to value. */
  tags: Map<string, string>;
  /** When it was created. */
  createdMs: number;
  /** For an instance that RunInstances started: what determines its status. If absent, `status` is the status. */
  start?: InstanceStart;
  /** The vSwitch that it is connected to. */
  vSwitchId?: string;
  /** Its security group. */
  securityGroupId?: string;
  /** `AutoReleaseTime`: it is released at this time. */
  releasedAtMs?: number;
}

/** How an instance that RunInstances started comes up. It is Pending, then Starting, then Running. */
export interface InstanceStart {
  /** From this time on it is Starting, and can be deleted. */
  startingAtMs: number;
  /** From this time on it is Running; null: never. */
  runningAtMs: number | null;
  /** From this time on its Cloud Assistant answers; null: never. */
  assistantAtMs: number | null;
  /** What GetInstanceConsoleOutput shows once it is Running. */
  consoleOutput: string;
  /** How a command in it ends. */
  command: CommandOutcome;
  /** It disappears at this time, because ECS could not give it its resources. */
  vanishesAtMs?: number;
}

/** How a command ends. By default, its `exit` line gives the code, and its `echo` lines give the output. */
export interface CommandOutcome {
  /** The exit code. */
  exitCode?: number;
  /** What it prints. */
  output?: string;
  /** How long it runs. */
  durationMs: number;
}

/** A command that Cloud Assistant runs in one instance. */
export interface InvocationRecord {
  /** For example `t-emu00000000000000001`. */
  invokeId: string;
  /** For example `c-emu00000000000000001`. */
  commandId: string;
  /** The region where it runs. */
  regionId: string;
  /** The instance that it runs in. */
  instanceId: string;
  /** `Name`; empty: none. */
  name: string;
  /** `RunShellScript`, `RunPowerShellScript` or `RunBatScript`. */
  type: string;
  /** The script. */
  content: string;
  /** Seconds. */
  timeout: number;
  /** Key to value. */
  tags: Map<string, string>;
  /** When RunCommand was answered. */
  createdMs: number;
  /** How it ends. */
  outcome: CommandOutcome;
  /** The instance was released at this time, while the command ran. */
  instanceReleasedMs?: number;
}

/** A vSwitch of a VPC: a network in one zone. */
export interface VSwitchRecord {
  /** For example `vsw-emulator0test`. */
  vSwitchId: string;
  /** The region where it is. */
  regionId: string;
  /** The zone where it is. */
  zoneId: string;
  /** The VPC that it belongs to. */
  vpcId: string;
}

/** A security group of a VPC. */
export interface SecurityGroupRecord {
  /** For example `sg-emulator0test`. */
  securityGroupId: string;
  /** The region where it is. */
  regionId: string;
  /** The VPC that it belongs to. */
  vpcId: string;
}

/** A disk of an instance, or one that is not attached. */
export interface DiskRecord {
  /** For example `d-emulator0golden-system`. */
  diskId: string;
  /** `DiskName`. */
  diskName: string;
  /** The region where it is. */
  regionId: string;
  /** The zone where it is. */
  zoneId: string;
  /** The system disk of an instance, or a data disk. */
  type: "system" | "data";
  /** For example `cloud_essd`. */
  category: string;
  /** GiB */
  size: number;
  /** `In_use`, `Available`, `Attaching`, `Detaching`, `Creating`, `ReIniting`, `Transferring`, `Invalid`. */
  status: string;
  /** Absent: not attached. */
  instanceId?: string;
  /** Where it is attached, for example `/dev/xvda`; empty: not attached. */
  device: string;
  /** Empty: not made from a snapshot. */
  sourceSnapshotId: string;
  /** False: it was never attached, so no image can be made of it. */
  everAttached: boolean;
  /** Whether it is encrypted. */
  encrypted: boolean;
  /** The key that encrypts it; empty for the default key, or without encryption. */
  kmsKeyId: string;
  /** The resource group; empty: the default group. */
  resourceGroupId: string;
  /** Key to value. */
  tags: Map<string, string>;
  /** When it was created. */
  createdMs: number;
}

/** A snapshot of a disk. */
export interface SnapshotRecord {
  /** For example `s-emulator0system`. */
  snapshotId: string;
  /** `SnapshotName`. */
  snapshotName: string;
  /** `Description`; empty: none. */
  description: string;
  /** The region where it is. */
  regionId: string;
  /** The disk that it was taken of. */
  sourceDiskId: string;
  /** Whether that disk is a system disk or a data disk. */
  sourceDiskType: "system" | "data";
  /** The category of that disk, for example `cloud_essd`. */
  sourceDiskCategory: string;
  /** GiB */
  sourceDiskSize: number;
  /** `Standard`, `Flash`, `Archive`. */
  category: string;
  /** Whether it is encrypted. */
  encrypted: boolean;
  /** The key that encrypts it; empty for the default key, or without encryption. */
  kmsKeyId: string;
  /** True: it is stored in a CloudBox, so no image can be made of it. */
  inCloudBox: boolean;
  /** A default free snapshot. */
  defaultFree: boolean;
  /** No image may be made of it: its disk's instance was released, or its product forbids it. */
  imageForbidden: boolean;
  /** The resource group; empty: the default group. */
  resourceGroupId: string;
  /** Key to value. */
  tags: Map<string, string>;
  /** When it began. */
  createdMs: number;
  /** How long it takes, and how that ends. */
  span: Span;
  /** The image that was being created when ECS took it; empty for all others. */
  takenFor: string;
}
