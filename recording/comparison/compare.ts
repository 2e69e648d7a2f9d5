import type { Action } from "../../provider/ecs/actions";
import { actionTraits } from "../../provider/ecs/actions";
import { readAnswer, unreadableIn } from "../../provider/ecs/answers";
import { codeEntry } from "../../provider/ecs/codes";
import { type Exchange, recordingIn } from "../exchange";
import { textsInXml, valueInXml } from "../xml";
import { isRow } from "./counterparts";
import { delayOf, isDuringChange, type OddRow, oddOrders } from "./lists";
import { type Difference, differencesOf, kindOf } from "./members";
import { type Played, type Playing, play } from "./play";

/** A difference between the cloud of a recording and the emulator. */
export interface Finding {
  readonly action: string;
  /** What differs: the status, the code, a member, the rows of a list, or the order of states. */
  readonly about: string;
  readonly cloud: string;
  readonly emulator: string;
  /** Whether the provider's client understands the cloud's answer there. */
  readonly client: string;
  /** The number of answers with this difference. */
  readonly times: number;
}

/**
 * The calls that a test of an image makes to its instance. To play them, the emulator would need the account's network
 * and the end of each command, which no recording shows.
 */
const OF_TESTS = new Set([
  "RunInstances",
  "DescribeInstances",
  "DeleteInstances",
  "DescribeAvailableResource",
  "DescribeImageSupportInstanceTypes",
  "DescribeCloudAssistantStatus",
  "GetInstanceConsoleOutput",
  "RunCommand",
  "DescribeInvocationResults",
]);
const isCompared = ({ service, action, status }: Exchange): boolean =>
  service !== "sts" && status !== undefined && !OF_TESTS.has(action);

/** Plays a recording against the emulator, and lists the differences action by action. */
export async function compare(folder: string): Promise<Finding[]> {
  const calls = recordingIn(folder).filter(isCompared);
  const playing = await play(calls, folder);
  const found = playing.calls.flatMap((one) =>
    differences(one, playing).map((difference) => findingOf(one.recorded, difference)),
  );
  const orders = oddOrders(playing.calls, playing.names, playing.states).map(({ action, difference }) => ({
    ...difference,
    action,
    about: difference.at,
    client: UNDERSTOOD,
  }));
  return summary([...found, ...orders]);
}

const UNDERSTOOD = "understood";
const NOT_CALLED = "does not call it";

const findingOf = (call: Exchange, { at, cloud, emulator }: Difference) => ({
  action: call.action,
  about: at,
  cloud,
  emulator,
  client: clientOn(call),
});

function differences({ recorded, emulated }: Played, { calls, names }: Playing): Difference[] {
  if (!emulated)
    return [{ at: "the action", cloud: `answered ${recorded.status ?? "nothing"}`, emulator: "not played" }];
  const outcome = outcomeDifference(recorded, emulated);
  if (outcome) return [outcome];
  const all = differencesOf(bodyOf(recorded), bodyOf(emulated), names);
  const bodies = isDuringChange(recorded, calls) ? all.filter(({ row, at }) => !row && at !== "TotalCount") : all;
  const rows = bodies.filter(({ row }) => row !== undefined);
  return [
    ...headerDifferences(recorded, emulated),
    ...bodies.filter(({ row }) => row === undefined),
    ...rows.map((row): Difference => delayOf({ call: recorded, row } satisfies OddRow, calls, names)),
    ...([UNDERSTOOD, NOT_CALLED].includes(clientOn(recorded))
      ? []
      : [{ at: "the answer", cloud: "not understood", emulator: "as expected" }]),
  ];
}

/** Undefined if both have the same status and code. Otherwise there is nothing else to compare. */
function outcomeDifference(recorded: Exchange, emulated: Exchange): Difference | undefined {
  const [cloud, emulator] = [outcomeOf(recorded), outcomeOf(emulated)];
  return cloud === emulator ? undefined : { at: "status and code", cloud, emulator };
}

const outcomeOf = ({ status, body, headers }: Exchange): string =>
  status === undefined
    ? "no answer"
    : // Which quota is exceeded depends on what else the account does.
      [status, codeIn(body)?.replace(/^Throttling\..*/, "Throttling") ?? headers["x-oss-ec"]].filter(Boolean).join(" ");

const codeIn = (body: unknown): string | undefined =>
  isRow(body) && typeof body["Code"] === "string"
    ? body["Code"]
    : typeof body === "string"
      ? textsInXml(body).get("Code")
      : undefined;

const bodyOf = ({ body }: Exchange): unknown => (typeof body === "string" ? valueInXml(body) : body);

const COUNTED = /^content-(length|range)$/;
function headerDifferences(recorded: Exchange, emulated: Exchange): Difference[] {
  const names = new Set([...Object.keys(recorded.headers), ...Object.keys(emulated.headers)]);
  return [...names]
    .filter((name) => !COUNTED.test(name))
    .map((name) => ({
      at: `header ${name}`,
      cloud: headerForm(name, recorded.headers[name]),
      emulator: headerForm(name, emulated.headers[name]),
    }))
    .filter(({ cloud, emulator }) => cloud !== emulator);
}

/** For the content type, what a client acts on; for every other header, the form of its value. */
function headerForm(name: string, value: string | undefined): string {
  if (value === undefined) return "absent";
  return name === "content-type" ? value.replace(/;.*/, "").trim().toLowerCase() : kindOf(value);
}

/** How the client (`provider/ecs/answers.ts` and the table of codes) reads an answer. */
function clientOn({ service, action, status, body, params }: Exchange): string {
  if (service !== "ecs" || status === undefined) return UNDERSTOOD;
  if (!Object.hasOwn(actionTraits, action)) return NOT_CALLED;
  if (status !== 200) return understandsCode(action, status, codeIn(body));
  const read = readAnswer(action as Action, JSON.stringify(body), params);
  if ("complaint" in read) return read.complaint;
  const { ids, nameless } = unreadableIn(read.body);
  return ids.size + nameless > 0 ? `drops ${ids.size + nameless} of its rows` : UNDERSTOOD;
}

function understandsCode(action: string, status: number, code: string | undefined): string {
  if (code === undefined) return status >= 500 ? UNDERSTOOD : "no code";
  return status >= 500 || codeEntry(action, code) ? UNDERSTOOD : "does not know the code";
}

/** Each finding once, with the number of its occurrences. */
function summary(found: readonly Omit<Finding, "times">[]): Finding[] {
  const byText = new Map<string, Finding>();
  for (const one of found) {
    const { action, about, cloud, emulator } = one;
    const text = JSON.stringify([action, about, cloud.replace(/[\d.]+ s /, ""), emulator]);
    const before = byText.get(text);
    byText.set(text, { ...one, times: (before?.times ?? 0) + 1 });
  }
  return [...byText.values()].sort((a, b) => a.action.localeCompare(b.action) || a.about.localeCompare(b.about));
}
