// Sends a call to ECS: gets the keys, waits for the rate limiter, and repeats the call if that is safe.

import { Failure } from "../failure";
import { unlessAborted } from "../wait/abort";
import type { Clock } from "../wait/clock";
import { type Action, actionTraits, type Ecs, isDryRun, isRepeatable, type Request, type Response } from "./actions";
import { readAnswer } from "./answers";
import { codeEntry, reactionTo } from "./codes";
import type { Credentials, Keys } from "./credentials";
import { endpointOf, type Protocol } from "./endpoint";
import { type ExpiringKeys, expiringKeys } from "./expiring-keys";
import { cancelled, noAnswer, refusal } from "./explain";
import { masked } from "./mask";
import { RateLimiter, type Report, type Turn } from "./rate-limiter";
import { type RetryPolicy, retryPolicyUntil } from "./retry-policy";
import { type Api, CALL_TIMEOUT_MS, CREATE_TIMEOUT_MS, type Reply, send } from "./send";

export interface EcsOptions {
  readonly regionId: string;
  /** A URL without a path, or a host. Default: the region's own endpoint. */
  readonly endpoint?: string | undefined;
  readonly protocol: Protocol;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /**
   * How long one attempt may take, to the last byte. Default: 60 s for calls that create something, 20 s for others.
   */
  readonly callTimeoutMs?: number | undefined;
}

/** The operation that a call is part of. */
export interface CallContext {
  /** The start of every error message: `creating image "golden-1a2b" from instance i-123`. */
  readonly doing: string;
  /** In time of the clock. No attempt starts after it. */
  readonly deadlineMs: number;
  /** After it is aborted, no attempt starts, and the call fails as `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the reason whenever the call has to wait before it is sent again. */
  waiting?(reason: string): void;
}

/** After this long (in real time, like an attempt), the row says that there is no answer yet. */
const SLOW_MS = 5_000;
/** A creating call may still be answered for this long after the run was cancelled, so that its id is known. */
const LAST_ANSWER_MS = 1_500;

/** What all calls of one client have in common. */
interface Connection {
  readonly regionId: string;
  readonly clock: Clock;
  readonly keys: ExpiringKeys;
  apiFor(action: Action): Api;
  limiterOf(action: Action): RateLimiter;
  /** The account's quota is used up: no call starts for so long. */
  restAll(restMs: number): void;
  /** Whether the server has ever been reached. */
  reached: boolean;
}

/**
 * Opens a client for an account, a region and an endpoint. The function that it returns binds calls to an operation.
 */
export function openEcs(options: EcsOptions): (operation: CallContext) => Ecs {
  const connection = connectionOf(options);
  return (operation) => async (action, request) => {
    const { default: pRetry } = await import("p-retry");
    const call = new Call(connection, operation, action, request);
    return pRetry(() => call.attempt(), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 0, // the pause is taken on our clock
      onFailedAttempt: ({ error }) => call.pauseAfter(error),
    });
  };
}

function connectionOf({ regionId, endpoint, protocol, credentials, clock, callTimeoutMs }: EcsOptions): Connection {
  const address = endpointOf({ service: "ecs", regionId, given: endpoint, protocol });
  const limiters = new Map<Action, RateLimiter>();
  let restUntilMs = Number.NEGATIVE_INFINITY;
  return {
    regionId,
    clock,
    keys: expiringKeys(credentials),
    reached: false,
    apiFor: (action) => ({
      version: "2014-05-26",
      endpoint: address,
      callTimeoutMs: callTimeoutMs ?? (actionTraits[action].effect === "creates" ? CREATE_TIMEOUT_MS : CALL_TIMEOUT_MS),
    }),
    limiterOf(action) {
      const limiter = limiters.get(action) ?? new RateLimiter(clock);
      if (!limiters.has(action)) limiter.rest(restUntilMs);
      limiters.set(action, limiter);
      return limiter;
    },
    restAll(restMs) {
      restUntilMs = clock.now() + restMs;
      for (const limiter of limiters.values()) limiter.rest(restUntilMs);
    },
  };
}

/** One attempt and its outcome. */
interface Sent<Answer> {
  readonly keys: Keys;
  readonly outcome: Reply;
  readonly result: Answer | Failure;
}

/** One call, with all its attempts. */
class Call<A extends Action> {
  private readonly about: { readonly doing: string; readonly action: A; readonly regionId: string };
  private readonly turn: Turn;
  private readonly retries: RetryPolicy;
  private last: Failure | undefined;
  /** The latest attempt; undefined until it is sent. */
  private sent: Sent<Response<A>> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly operation: CallContext,
    private readonly action: A,
    private readonly request: Request<A>,
  ) {
    this.about = { doing: operation.doing, action, regionId: connection.regionId };
    this.turn = connection.limiterOf(action).queue();
    this.retries = retryPolicyUntil(operation.deadlineMs, connection.clock);
  }

  async attempt(): Promise<Response<A>> {
    this.sent = undefined;
    const report = await this.turn.acquire(this.operation.deadlineMs, this.operation.signal);
    if (this.operation.signal?.aborted) report?.("unknown");
    if (this.operation.signal?.aborted) throw cancelled(this.about);
    if (!report) throw this.last ?? refusal(this.about, THROTTLED_TO_THE_END);
    const keys = await this.currentKeys(report);
    const slow = setTimeout(() => this.operation.waiting?.(`no answer from ${this.host} yet`), SLOW_MS);
    this.sent = await this.answerWithin(this.send(keys, report)).finally(() => clearTimeout(slow));
    if (!this.sent) throw cancelled(this.about, actionTraits[this.action].effect !== "reads");
    const { result } = this.sent;
    if (result instanceof Failure) throw result;
    return result;
  }

  /** Returns when the call is to be sent again. Throws if it is not sent again. */
  async pauseAfter(error: unknown): Promise<void> {
    const { signal, waiting } = this.operation;
    if (!(error instanceof Failure) || error === this.last || error.kind === "Cancelled") throw error;
    this.last = error;
    const reaction = reactionTo(error);
    if (isDryRun(this.request) && (reaction === "retryLater" || reaction === "roleMissing")) throw error;
    const pauseMs = this.retries.pauseAfter(reaction, this.isHarmless(), this.connection.reached);
    if (pauseMs === undefined) throw error;
    if (reaction === "renew" && this.sent) this.connection.keys.renew(this.sent.keys);
    waiting?.(this.reasonToWait(error));
    await this.connection.clock.sleep(pauseMs, signal);
  }

  private async currentKeys(report: Report): Promise<Keys> {
    try {
      const current = await unlessAborted(this.connection.keys.current(), this.operation.signal);
      if (!current) throw cancelled(this.about);
      if (current.expired && this.last && reactionTo(this.last) === "renew") throw this.last;
      return current.keys;
    } catch (error) {
      report("unknown");
      throw error;
    }
  }

  private async send(keys: Keys, report: Report): Promise<Sent<Response<A>>> {
    const { connection, action, request } = this;
    const outcome = await send(connection.apiFor(action), action, { RegionId: connection.regionId, ...request }, keys);
    connection.reached ||= outcome.is !== "unsent";
    const { retryAfterMs, actionRestMs, accountRestMs } = outcome.hints;
    if (accountRestMs) connection.restAll(accountRestMs);
    const result = this.evaluate(outcome, keys);
    const throttled = retryAfterMs !== undefined || reactionTo(result) === "throttled";
    const unknown = result instanceof Failure && result.kind === "Unreachable";
    report(throttled ? "throttled" : unknown ? "unknown" : "passed", retryAfterMs ?? actionRestMs);
    return { keys, outcome, result };
  }

  /** The outcome, or undefined if the run is cancelled first. A creating call gets a moment more. */
  private async answerWithin<T>(sent: Promise<T>): Promise<T | undefined> {
    const answered = await unlessAborted(sent, this.operation.signal);
    if (answered || actionTraits[this.action].effect !== "creates") return answered;
    const moment = new AbortController();
    void this.connection.clock.sleep(LAST_ANSWER_MS, moment.signal).then(() => moment.abort());
    return unlessAborted(sent, moment.signal).finally(() => moment.abort());
  }

  private evaluate(outcome: Reply, keys: Keys): Response<A> | Failure {
    const { about, action, request, connection } = this;
    if (outcome.is === "answered") {
      const read = readAnswer(action, outcome.text, request);
      if ("body" in read) return read.body as Response<A>;
      const { host } = connection.apiFor(action).endpoint;
      const why = `${host} gave ${masked(read.complaint, keys)}`;
      return noAnswer(about, { is: "unclear", why, hints: outcome.hints });
    }
    // A server error may ask for a pause even if the request took effect.
    const refused = outcome.is === "refused" && outcome.status < 500;
    const retryAfterMs = refused || isRepeatable(action, request) ? outcome.hints.retryAfterMs : undefined;
    return outcome.is === "refused"
      ? refusal(about, outcome, keys, retryAfterMs)
      : noAnswer(about, outcome, retryAfterMs);
  }

  private get host(): string {
    return this.connection.apiFor(this.action).endpoint.host;
  }

  private reasonToWait({ message, detail: { code } }: Failure): string {
    const guidance = code === undefined ? undefined : codeEntry(this.action, code)?.guidance;
    if (code !== undefined) return `waiting: ${guidance ?? `${this.action} was answered with ${code}`}`;
    if (!this.sent) return `${message}; trying again`; // the keys could not be fetched
    const { outcome } = this.sent;
    const isAnswered = outcome.is !== "unsent" && outcome.is !== "unclear";
    return isAnswered
      ? `no usable answer from ${this.host}, trying again`
      : `no answer from ${this.host}, trying again: ${outcome.why}`;
  }

  /** Whether sending it again cannot do anything twice. */
  private isHarmless(): boolean {
    if (!this.sent) return true;
    const { outcome } = this.sent;
    return outcome.is === "unsent" ? outcome.again : isRepeatable(this.action, this.request);
  }
}

const THROTTLED_TO_THE_END = {
  is: "refused",
  status: 429,
  code: "Throttling",
  message: "other calls were throttled until the deadline",
  hints: {},
} as const;
