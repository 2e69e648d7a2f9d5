import type { Clock } from "../../provider/wait/clock";
import type { Fault, HttpAnswer, Outcome } from "../http/message";
import type { Credential } from "../world/credential";
import type { World } from "../world/world";
import type { ApiError } from "./api-error";

/** A request as it was understood. Never holds a secret, a token or a signature. */
export interface Call {
  /** The action, for example `CreateImage`, or an operation of OSS such as `PutObject`. */
  readonly action: string;
  /** The parameters, without those that say who sent the request. */
  readonly params: Readonly<Record<string, string>>;
  /** When, on the emulator's clock. */
  readonly at: number;
  /** The access key that signed it. */
  readonly accessKeyId: string;
  /** What it was answered; absent while it runs, and when nothing of it was sent. */
  answered?: Answered;
  /** Whether it changed the world. */
  effect: boolean;
  /** How long the emulator took for it; real milliseconds, absent while it runs. */
  tookMs?: number;
}

/** How a call was answered. */
export interface Answered {
  /** The HTTP status. */
  status: number;
  /** The code of an error; absent: it succeeded. */
  code?: string;
}

/**
 * Asked for every authenticated call, before its effect and after it; may order a fault, or take as long as it likes.
 */
export type Intercept = (call: Call, phase: "before" | "after") => Fault | undefined | Promise<Fault | undefined>;

/** A fault for the next calls of one action. */
export interface InjectedFault {
  /** For example `CreateImage`, or an operation of OSS such as `PutObject`; `*` for every call. */
  action: string;
  /** What happens to the call. */
  fault: Fault;
  /** How many calls it meets; 1 by default. */
  times?: number;
  /** `before`, the default: the call has no effect. `after`: it has, and only its answer is disturbed. */
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
  /** RunInstances: until the instance is Running; and half as long again until its Cloud Assistant answers. */
  bootMs: number;
  /** RunCommand: the command. */
  commandMs: number;
  /** DeleteInstance: until the instance is in no list any more. */
  releaseMs: number;
}

/** What an action needs to know about the call besides its parameters. */
export interface Context {
  /** What the caller's account holds. */
  readonly world: World;
  /** What every account holds: the world of the first, which has the others. */
  readonly cloud: World;
  readonly now: number;
  /** As they came, without those that every request carries. */
  readonly params: Readonly<Record<string, string>>;
  readonly accountId: string;
  readonly regionId: string;
  readonly requestId: string;
  readonly credential: Credential;
  readonly durations: Durations;
  readonly credentials: Map<string, Credential>;
  /** Says that the world has changed: the call is recorded as having an effect, and the state file is written. */
  changed(): void;
}

/** What `dispatch` needs: every call of ECS, STS and OSS is recorded, intercepted, authorized and answered there. */
export interface DispatchRequest {
  readonly action: string;
  readonly params: Record<string, string>;
  readonly accessKeyId: string;
  readonly regionId: string;
  /** Whose call it is; throws an ApiError if that cannot be believed. */
  authenticate(): Credential;
  /**
   * What a policy of the caller's account must allow, for example `oss:GetObject` on `acs:oss:*:*:bucket/key`; empty
   * for what needs no permission.
   */
  permissions(context: Context): readonly Permission[];
  /** May throw an ApiError. */
  work(context: Context): HttpAnswer;
  refuse(error: ApiError, requestId: string): HttpAnswer;
}

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** What the conditions of a policy are compared with, by key. */
  readonly facts?: ReadonlyMap<string, string>;
}

/** One running emulator, as its parts see it. */
export interface Emulation {
  /** The whole cloud. */
  readonly world: World;
  readonly clock: Clock;
  readonly durations: Durations;
  readonly credentials: Map<string, Credential>;
  dispatch(call: DispatchRequest): Promise<Outcome>;
}
