import { Failure } from "../failure";
import type { Clock } from "../wait/clock";
import type { Action, Ecs, Request, Response } from "./actions";
import { readAnswer } from "./answers";
import { reactionTo } from "./codes";
import { type Credentials, type Keys, sameKeys } from "./credentials";
import { endpointOf, type Protocol } from "./endpoint";
import { noAnswer, refusal } from "./explain";
import { masked } from "./mask";
import { type RateLimiter, rateLimiter } from "./rate-limiter";
import { retryPolicyUntil } from "./retry-policy";
import { type Api, CALL_TIMEOUT_MS, type Outcome, send } from "./send";

export interface EcsOptions {
  readonly regionId: string;
  /** A URL without a path or a host; left out: the region's own. */
  readonly endpoint?: string;
  readonly protocol: Protocol;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** How long one attempt may take, to the last byte: 20 s unless told. */
  readonly callTimeoutMs?: number;
}

/** What a call is part of. */
export interface Operation {
  /** Begins every error text: `creating image "golden-1a2b" from instance i-123`. */
  readonly doing: string;
  /** On the clock. No attempt begins after it. */
  readonly deadlineMs: number;
}

/** Actions that do the same again when they are sent again, whatever became of the first time. */
const REPEATABLE: ReadonlySet<Action> = new Set<Action>([
  "CancelTask",
  "DeleteImage",
  "DeleteSnapshot",
  "ModifyImageAttribute",
  "JoinResourceGroup",
  "TagResources",
  "UntagResources",
  "DescribeImages",
  "DescribeSnapshots",
  "DescribeTasks",
  "DescribeTaskAttribute",
]);

/** Whether a call whose outcome is unknown may be sent again. What creates something may so only under a client token. */
const repeatable = (action: Action, request: object): boolean =>
  REPEATABLE.has(action) ||
  ((action === "CreateImage" || action === "ImportImage") && "ClientToken" in request && Boolean(request.ClientToken));

/** One client for an account, a region and an endpoint. The function it returns binds an operation. */
export function openEcs({
  regionId,
  endpoint,
  protocol,
  credentials,
  clock,
  callTimeoutMs = CALL_TIMEOUT_MS,
}: EcsOptions): (operation: Operation) => Ecs {
  const api: Api = {
    version: "2014-05-26",
    callTimeoutMs,
    endpoint: endpointOf({ service: "ecs", regionId, given: endpoint, protocol }),
  };
  const gates = new Map<Action, RateLimiter>();
  let met = false;

  function gateOf(action: Action): RateLimiter {
    const gate = gates.get(action) ?? rateLimiter(clock);
    gates.set(action, gate);
    return gate;
  }

  let outdated: Keys | undefined;

  /** Has keys that have run out resolved anew, once for all calls that were made with them. */
  function renew(used: Keys): void {
    if (outdated && sameKeys(outdated, used)) return;
    outdated = used;
    credentials.renew();
  }

  async function currentKeys(): Promise<{ readonly keys: Keys; readonly outdated: boolean }> {
    const keys = await credentials.get();
    if (!outdated || !sameKeys(keys, outdated)) return { keys, outdated: false };
    outdated = undefined; // there were no others, but there may be next time
    return { keys, outdated: true };
  }

  return ({ doing, deadlineMs }) =>
    async <A extends Action>(action: A, request: Request<A>): Promise<Response<A>> => {
      const { default: pRetry } = await import("p-retry");
      const about = { doing, action };
      const turn = gateOf(action).queue();
      const patience = retryPolicyUntil(deadlineMs, clock);
      let last: Failure | undefined;
      /** What the attempt was made with; undefined until it is sent. */
      let sent: { readonly keys: Keys; readonly outcome: Outcome } | undefined;

      async function attempt(): Promise<Response<A>> {
        sent = undefined;
        const report = await turn.enter(deadlineMs);
        if (!report)
          throw (
            last ??
            refusal(about, {
              is: "refused",
              status: 429,
              code: "Throttling",
              message: "other calls were throttled until the deadline",
            })
          );
        try {
          const { keys, outdated } = await currentKeys();
          if (outdated && last && reactionTo(last) === "renew") throw last;
          const outcome = await send(api, action, { RegionId: regionId, ...request }, keys);
          sent = { keys, outcome };
          met ||= outcome.is !== "unsent";
          const result = judge(outcome, keys);
          report(
            !(result instanceof Failure)
              ? "passed"
              : reactionTo(result) === "throttled"
                ? "throttled"
                : result.kind === "Unreachable"
                  ? "unknown"
                  : "passed",
          );
          if (result instanceof Failure) throw result;
          return result;
        } finally {
          report("unknown");
        }
      }

      function judge(outcome: Outcome, keys: Keys): Response<A> | Failure {
        if (outcome.is === "refused") return refusal(about, outcome, keys);
        if (outcome.is !== "answered") return noAnswer(about, outcome);
        const read = readAnswer(action, outcome.text);
        return "body" in read
          ? (read.body as Response<A>)
          : noAnswer(about, { is: "unclear", why: `${api.endpoint.host} gave ${masked(read.complaint, keys)}` });
      }

      /** Whether sending it again can do nothing twice. */
      function harmless(): boolean {
        if (!sent) return true;
        return sent.outcome.is === "unsent" ? sent.outcome.again : repeatable(action, request);
      }

      return pRetry(attempt, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 0, // the pause is taken on our clock
        onFailedAttempt: async ({ error }) => {
          if (!(error instanceof Failure) || error === last) throw error;
          last = error;
          const reaction = reactionTo(error);
          const pauseMs = patience.pauseAfter(reaction, harmless(), met);
          if (pauseMs === undefined) throw error;
          if (reaction === "renew" && sent) renew(sent.keys);
          await clock.sleep(pauseMs);
        },
      });
    };
}
