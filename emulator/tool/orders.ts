import { ecsActions, stsActions } from "../actions";
import type { Fault } from "../http/message";
import { operations } from "../oss";
import type { InjectedFault } from "../request/emulation";
import type { Scenario } from "../world/scenario";
import { type Decode, flagOf, mapOf, objectOf, oneOf, optional, textOf, wholeNumber } from "./decode";

/**
 * Reads what a script sends to the emulator. It accepts no unknown members: an order that has no effect would let a
 * test pass without testing anything.
 */

const faults: { readonly [Kind in Fault["kind"]]: Decode<unknown> } = {
  error: objectOf({
    kind: oneOf("error"),
    status: wholeNumber(100, 599),
    code: textOf(),
    message: optional(textOf(), undefined),
    headers: optional(mapOf(textOf()), undefined),
  }),
  answer: objectOf({
    kind: oneOf("answer"),
    status: wholeNumber(100, 599),
    body: textOf("a string", () => true),
    contentType: optional(textOf(), undefined),
  }),
  reset: objectOf({ kind: oneOf("reset") }),
  truncate: objectOf({ kind: oneOf("truncate") }),
  silence: objectOf({ kind: oneOf("silence") }),
  slow: objectOf({ kind: oneOf("slow"), bytesPerSecond: wholeNumber(1) }),
  delay: objectOf({ kind: oneOf("delay"), ms: wholeNumber(0) }),
};
const kinds = Object.keys(faults) as Fault["kind"][];

const faultOf: Decode<unknown> = (value, path, problems) => {
  const { kind } = Object(value) as { kind?: unknown };
  return oneOf(...kinds)(kind, `${path}.kind`, problems) === undefined
    ? undefined
    : faults[kind as Fault["kind"]](value, path, problems);
};

const actions = ["*", ...Object.keys(ecsActions), ...Object.keys(stsActions), ...operations.map(({ name }) => name)];

const injected = objectOf({
  action: oneOf(...actions),
  fault: faultOf,
  times: optional(wholeNumber(1), undefined),
  phase: optional(oneOf("before", "after"), undefined),
});

const reason = objectOf({ code: textOf(), message: textOf() });
const pause = objectOf({ atPercent: wholeNumber(0, 100), forMs: optional(wholeNumber(0), undefined) });
const ms = wholeNumber(0);
const percent = wholeNumber(0, 100);
const scenario = objectOf({
  for: oneOf("CreateImage", "ImportImage", "ExportImage", "CopyImage", "RunInstances"),
  failAtPercent: optional(percent, undefined),
  reason: optional(reason, undefined),
  durationMs: optional(ms, undefined),
  sticksAtPercent: optional(percent, undefined),
  pause: optional(pause, undefined),
  unusableForMs: optional(ms, undefined),
  vanishes: optional(flagOf, undefined),
  hiddenForMs: optional(ms, undefined),
  hiddenLater: optional(objectOf({ afterMs: ms, forMs: ms }), undefined),
  reportedObjects: optional(wholeNumber(0), undefined),
  failedObjects: optional(wholeNumber(0), undefined),
  refused: optional(flagOf, undefined),
  exitCode: optional(wholeNumber(0, 255), undefined),
  output: optional(
    textOf("a string", () => true),
    undefined,
  ),
  commandMs: optional(ms, undefined),
  missing: optional(oneOf("power", "system", "assistant"), undefined),
  consoleOutput: optional(
    textOf("a string", () => true),
    undefined,
  ),
  goneAfterMs: optional(ms, undefined),
} satisfies { readonly [Member in keyof Required<Scenario>]: Decode<unknown> });

/** The decoded order. Throws an error that lists everything that is wrong with it. */
function understood<T>(decode: Decode<unknown>, body: unknown): T {
  const problems: string[] = [];
  decode(body, "", problems);
  if (problems.length > 0) throw new TypeError(`${problems.join("; ")}.`);
  return body as T;
}

export const injectedFault = (body: unknown): InjectedFault => understood(injected, body);
export const scenarioIn = (body: unknown): Scenario => understood(scenario, body);
