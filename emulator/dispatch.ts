import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { requirePermissions } from "./access/ram";
import type { Fault, HttpAnswer, Outcome } from "./http/message";
import { ApiError, refusal } from "./request/api-error";
import type { Call, Context, DispatchRequest, Emulation, InjectedFault, Intercept } from "./request/emulation";
import { applyElapsedTime } from "./resources/elapsed-time";
import { accountIn } from "./world/accounts";
import type { Credential } from "./world/credential";
import type { Quirks } from "./world/quirks";
import type { World } from "./world/world";

export interface Dispatcher {
  readonly calls: Call[];
  readonly faults: InjectedFault[];
  intercept: Intercept | undefined;
  /** Called after every call that changed the world, before its answer is sent. */
  readonly keep: () => void;
  readonly onCall: ((call: Call) => void) | undefined;
}

/** Records the call, applies the injected faults, answers, and records the answer. */
export async function dispatch(emulation: Emulation, dispatcher: Dispatcher, asked: DispatchRequest): Promise<Outcome> {
  const startMs = performance.now();
  const call: Call = {
    action: asked.action,
    params: asked.params,
    at: emulation.clock.now(),
    accessKeyId: asked.accessKeyId,
    effect: false,
  };
  dispatcher.calls.push(call);
  try {
    return await handle(emulation, dispatcher, asked, call);
  } finally {
    call.tookMs = performance.now() - startMs;
    dispatcher.onCall?.(call);
  }
}

async function handle(
  emulation: Emulation,
  dispatcher: Dispatcher,
  asked: DispatchRequest,
  call: Call,
): Promise<Outcome> {
  const requestId = randomUUID().toUpperCase();
  const refuse = (error: unknown) => {
    const known = error instanceof ApiError ? error : refusal("InternalError");
    return answered(call, asked.refuse(known, requestId), known.code);
  };

  let credential: Credential;
  try {
    credential = asked.authenticate();
  } catch (error) {
    return { answer: refuse(error) };
  }

  const before = await faultFor(dispatcher, call, "before");
  if (before?.kind === "delay") await sleep(before.ms);
  else if (before && before.kind !== "slow") return disturbed(call, before, refuse);

  applyElapsedTime(emulation.world, emulation.clock.now());
  const context = contextOf(emulation, asked, { call, credential, requestId });
  let answer: HttpAnswer;
  try {
    throttle(emulation, context.world, dispatcher.calls, call);
    requirePermissions(credential, asked.permissions(context), context.accountId);
    answer = answered(call, asked.work(context));
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    answer = refuse(error);
  }
  try {
    if (call.effect) dispatcher.keep();
  } catch (error) {
    console.error((error as Error).message);
    answer = refuse(error);
  }

  const after = await faultFor(dispatcher, call, "after");
  if (after) return disturbed(call, after, refuse, answer);
  return before?.kind === "slow" ? { answer, fault: before } : { answer };
}

function contextOf(
  { world: cloud, clock, durations, credentials }: Emulation,
  { params, regionId }: DispatchRequest,
  { call, credential, requestId }: Pick<Context, "credential" | "requestId"> & { readonly call: Call },
): Context {
  const world = accountIn(cloud, credential.accountId ?? cloud.account.accountId);
  return {
    world,
    cloud,
    now: clock.now(),
    params,
    accountId: world.account.accountId,
    regionId,
    requestId,
    credential,
    durations,
    credentials,
    changed: () => {
      call.effect = true;
    },
  };
}

/** The injected fault for this call, or the fault that the intercept returns. */
async function faultFor(dispatcher: Dispatcher, call: Call, phase: "before" | "after"): Promise<Fault | undefined> {
  const { faults } = dispatcher;
  const found = faults.find(
    ({ action, phase: when = "before" }) => when === phase && (action === "*" || action === call.action),
  );
  if (!found) return dispatcher.intercept?.(call, phase);
  found.times = (found.times ?? 1) - 1;
  if (found.times <= 0) faults.splice(faults.indexOf(found), 1);
  return found.fault;
}

function answered(call: Call, answer: HttpAnswer, code?: string): HttpAnswer {
  call.answered = { status: answer.status, ...(code === undefined ? {} : { code }) };
  return answer;
}

function disturbed(call: Call, fault: Fault, refuse: (error: ApiError) => HttpAnswer, answer?: HttpAnswer): Outcome {
  if (fault.kind === "error")
    return {
      answer: refuse(
        Object.assign(new ApiError(fault.status, fault.code, fault.message ?? "A test asked for this error."), {
          headers: fault.headers ?? {},
        }),
      ),
    };
  if (fault.kind === "answer") {
    return {
      answer: answered(call, {
        status: fault.status,
        headers: { "content-type": fault.contentType ?? "application/json;charset=utf-8" },
        body: fault.body,
      }),
    };
  }
  if (fault.kind === "reset" || fault.kind === "silence" || fault.kind === "truncate") delete call.answered;
  return {
    answer: answer ?? { status: 200, headers: { "content-type": "application/json;charset=utf-8" }, body: "{}" },
    fault,
  };
}

/**
 * Calls of the same action, account and region within the last second of the clock count against its quota, except
 * those that were denied.
 */
function throttle({ clock, credentials }: Emulation, world: World, calls: readonly Call[], call: Call): void {
  const allowed = world.quotas.callsPerSecond[call.action];
  if (allowed === undefined) return;
  const isCounted = (other: Call) =>
    other !== call &&
    other.action === call.action &&
    other.params.RegionId === call.params.RegionId &&
    credentials.get(other.accessKeyId)?.accountId === credentials.get(call.accessKeyId)?.accountId &&
    other.answered?.code !== "Throttling.User";
  const since = clock.now() - 1000;
  const counted: Call[] = [];
  for (let at = calls.length - 1; at >= 0 && (calls[at] as Call).at > since; at -= 1)
    if (isCounted(calls[at] as Call)) counted.push(calls[at] as Call);
  if (counted.length < allowed) return;
  const freeAgainMs = (counted[allowed - 1]?.at ?? clock.now()) + 1000 - clock.now();
  throw Object.assign(refusal("Throttling.User"), {
    headers: throttleHeaders(world.quirks, allowed, Math.max(1, freeAgainMs)),
  });
}

/**
 * The headers in both forms that the official clients read: `x-acs-retry-after` since 2026, and the older rate limit
 * headers.
 */
function throttleHeaders({ throttleHeaders }: Quirks, limit: number, retryAfterMs: number): Record<string, string> {
  const rateLimit = `Limit:${limit},Remain:0,TimeLeft:${retryAfterMs},Reset:${retryAfterMs}`;
  return {
    ...(["retry-after", "both"].includes(throttleHeaders) ? { "x-acs-retry-after": String(retryAfterMs) } : {}),
    ...(["rate-limit", "both"].includes(throttleHeaders)
      ? { "x-ratelimit-user": rateLimit, "x-ratelimit-user-api": rateLimit }
      : {}),
  };
}
