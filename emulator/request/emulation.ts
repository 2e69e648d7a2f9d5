import type { Clock } from "../../provider/wait/clock";
import type { Fault, HttpAnswer, Outcome } from "../http/message";
import type { Credential } from "../world/credential";
import type { World } from "../world/world";
import type { ApiError } from "./api-error";

/** A request that the emulator understood. It never contains a secret, a token or a signature. */
export interface Call {
  /** The action, for example `CreateImage`, or an operation of OSS such as `PutObject`. */
  readonly action: string;
  /** The parameters, without those that identify the sender. */
  readonly params: Readonly<Record<string, string>>;
  /** When it arrived, on the emulator's clock. */
  readonly at: number;
  /** The access key that signed it. */
  readonly accessKeyId: string;
  /** How it was answered. Absent while it runs, and if no answer was sent. */
  answered?: Answered;
  /** Whether it changed the world. */
  effect: boolean;
  /** How long the emulator took to answer, in real milliseconds. Absent while it runs. */
  tookMs?: number;
}

/** How a call was answered. */
export interface Answered {
  /** The HTTP status. */
  status: number;
  /** The code of an error. Absent if the call succeeded. */
  code?: string;
}

/**
 * Called twice for every authenticated call, before its effect and after it. It may return a fault, and may take any
 * time.
 */
export type Intercept = (call: Call, phase: "before" | "after") => Fault | undefined | Promise<Fault | undefined>;

/** A fault for the next calls of one action. */
export interface InjectedFault {
  /** For example `CreateImage`, or an operation of OSS such as `PutObject`; `*` for every call. */
  action: string;
  /** What happens to the call. */
  fault: Fault;
  /** How many calls it affects; 1 by default. */
  times?: number;
  /** `before`, the default: the call has no effect. `after`: it has its effect, and only its answer is disturbed. */
  phase?: "before" | "after";
}

/** How long things take, in milliseconds of the clock. */
export interface Durations {
  /** CreateImage: the image and its snapshots. */
  createMs: number;
  /** ImportImage: the image and its task. */
  importMs: number;
  /** ExportImage: the task. */
  exportMs: number;
  /** CopyImage: the copy. */
  copyMs: number;
  /** RunInstances: until the instance is Running. Its Cloud Assistant answers after half as long again. */
  bootMs: number;
  /** RunCommand: the command. */
  commandMs: number;
  /** DeleteInstance: until no list shows the instance. */
  releaseMs: number;
}

/** What an action needs to know about the call besides its parameters. */
export interface Context {
  /** The world of the caller's account. */
  readonly world: World;
  /** The first account's world, which has the others in `otherAccounts`. */
  readonly cloud: World;
  readonly now: number;
  /** The parameters as received, without those that every request has. */
  readonly params: Readonly<Record<string, string>>;
  readonly accountId: string;
  readonly regionId: string;
  readonly requestId: string;
  readonly credential: Credential;
  readonly durations: Durations;
  readonly credentials: Map<string, Credential>;
  /** Reports that the world has changed: the call is recorded as having an effect, and the state file is written. */
  changed(): void;
}

/** What `dispatch` needs for a call. It records, intercepts, authorizes and answers every call of ECS, STS and OSS. */
export interface DispatchRequest {
  readonly action: string;
  readonly params: Record<string, string>;
  readonly accessKeyId: string;
  readonly regionId: string;
  /** The credential that signed the call. Throws an ApiError if the signature is wrong. */
  authenticate(): Credential;
  /**
   * The permissions that the caller needs, for example `oss:GetObject` on `acs:oss:*:*:bucket/key`. Empty if it needs
   * none.
   */
  permissions(context: Context): readonly Permission[];
  /** May throw an ApiError. */
  work(context: Context): HttpAnswer;
  refuse(error: ApiError, requestId: string): HttpAnswer;
}

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** The values with which a policy's conditions are compared, by key. */
  readonly facts?: ReadonlyMap<string, string>;
}

/** A running emulator, for its own parts. */
export interface Emulation {
  /** The whole cloud. */
  readonly world: World;
  readonly clock: Clock;
  readonly durations: Durations;
  readonly credentials: Map<string, Credential>;
  dispatch(call: DispatchRequest): Promise<Outcome>;
}
