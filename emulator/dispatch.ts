import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { requirePermissions } from "./access/ram";
import type { Fault, HttpAnswer, Outcome } from "./http/message";
import { ApiError, refusal } from "./request/api-error";
import type { Call, Context, DispatchRequest, Emulation, Intercept } from "./request/emulation";
import { applyElapsedTime } from "./resources/elapsed-time";

export interface Dispatcher {
  readonly calls: Call[];
  intercept: Intercept | undefined;
  /** Called after every call that changed the world, before its answer is sent. */
  readonly keep: () => void;
}

/** Records the call, lets the intercept have its say, does the work, and says how it was answered. */
export async function dispatch(emulation: Emulation, dispatcher: Dispatcher, asked: DispatchRequest): Promise<Outcome> {
  const { world, clock } = emulation;
  const requestId = randomUUID().toUpperCase();
  const call: Call = {
    action: asked.action,
    params: asked.params,
    at: clock.now(),
    accessKeyId: asked.accessKeyId,
    effect: false,
  };
  dispatcher.calls.push(call);
  const refuse = (error: unknown) => {
    const known = error instanceof ApiError ? error : refusal("InternalError");
    return answered(call, asked.refuse(known, requestId), known.code);
  };

  let credential;
  try {
    credential = asked.authenticate();
  } catch (error) {
    return { answer: refuse(error) };
  }

  const before = await dispatcher.intercept?.(call, "before");
  if (before?.kind === "delay") await sleep(before.ms);
  else if (before && before.kind !== "slow") return disturbed(call, before, refuse);

  applyElapsedTime(world, clock.now());
  const context: Context = {
    now: clock.now(),
    params: asked.params,
    accountId: world.account.accountId,
    regionId: asked.regionId,
    requestId,
    credential,
    durations: emulation.durations,
    credentials: emulation.credentials,
    changed: () => {
      call.effect = true;
    },
  };
  let answer: HttpAnswer;
  try {
    throttle(emulation, dispatcher.calls, call);
    requirePermissions(credential, asked.permissions, world.account.accountId);
    answer = answered(call, asked.work(context));
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    answer = refuse(error);
  }
  if (call.effect) dispatcher.keep();

  const after = await dispatcher.intercept?.(call, "after");
  if (after) return disturbed(call, after, refuse, answer);
  return before?.kind === "slow" ? { answer, fault: before } : { answer };
}

function answered(call: Call, answer: HttpAnswer, code?: string): HttpAnswer {
  call.answered = { status: answer.status, ...(code === undefined ? {} : { code }) };
  return answer;
}

function disturbed(call: Call, fault: Fault, refuse: (error: ApiError) => HttpAnswer, answer?: HttpAnswer): Outcome {
  if (fault.kind === "error")
    return {
      answer: refuse(
        new ApiError(fault.status, fault.code, fault.message ?? "The request was denied by order of a test."),
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

/** Calls of the same action within the last second of the clock, those denied excepted, count against its quota. */
function throttle({ world, clock }: Emulation, calls: readonly Call[], call: Call): void {
  const allowed = world.quotas.callsPerSecond[call.action];
  if (allowed === undefined) return;
  const since = clock.now() - 1000;
  let count = 0;
  for (let at = calls.length - 1; at >= 0; at -= 1) {
    const other = calls[at] as Call;
    if (other.at <= since) break;
    if (other !== call && other.action === call.action && other.answered?.code !== "Throttling.User") count += 1;
  }
  if (count >= allowed) throw refusal("Throttling.User");
}
