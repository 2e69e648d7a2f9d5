import { isRead } from "../../emulator/request/action";
import type { Exchange } from "../exchange";
import type { Counterparts } from "./counterparts";
import type { Difference } from "./members";
import type { Played } from "./play";
import { idsMadeBy, isAnswered, isCreating, sightingsOf } from "./timeline";

/** A row that one call listed in the cloud and not in the emulator, or the other way round. */
export interface OddRow {
  readonly call: Exchange;
  readonly row: Difference;
}

/** Whether a call may change a list. STS has no lists. */
const isChange = ({ service, action }: Exchange): boolean => service !== "sts" && !isRead(action);

/**
 * How long after its last change a list still lacks a row, or still shows it. `names` are the emulator's names for the
 * ids of the recording.
 */
export function delayOf({ call, row }: OddRow, played: readonly Played[], names: Counterparts): Difference {
  const isListedHere = row.cloud === "listed";
  const before = played.map(({ recorded }) => recorded).filter((one) => one.at <= call.at && isChange(one));
  const cause = before.filter((one) => isAbout(one, row.row ?? "", names)).at(-1);
  const seconds = cause ? (Date.parse(call.at) - Date.parse(cause.at)) / 1000 : 0;
  const when = cause ? `${seconds.toFixed(1)} s after ${cause.action}` : "at any time";
  return {
    at: `${row.at} by ${questionOf(call)}`,
    cloud: isListedHere ? `listed ${when}` : `not listed ${when}`,
    emulator: isListedHere ? "not listed" : "listed",
  };
}

/** Whether something changed during a call. Its list may show the state before the change or after it. */
export const isDuringChange = (call: Exchange, played: readonly Played[]): boolean =>
  played.some(
    ({ recorded: other }) =>
      other !== call && isChange(other) && sentMs(other) < endedMs(call) && sentMs(call) < endedMs(other),
  );

const sentMs = ({ at }: Exchange): number => Date.parse(at);
const endedMs = (call: Exchange): number => sentMs(call) + call.tookMs;

const isAbout = (call: Exchange, id: string, names: Counterparts): boolean =>
  [...Object.values(call.params), ...idsMadeBy(call)].some((name) => name === id || names.of(name) === id);

const questionOf = ({ params }: Exchange): string =>
  Object.keys(params)
    .filter((name) => !/^(RegionId|Page\w+|MaxResults|NextToken|Status|ImageOwnerAlias)$/.test(name))
    .map((name) => name.replace(/\.\d+/g, ""))
    .sort()
    .join(", ") || "nothing";

/** Images and tasks whose states came in an order that the emulator never produces. */
export function oddOrders(
  played: readonly Played[],
  names: Counterparts,
  states: ReadonlyMap<string, readonly string[]>,
): { readonly action: string; readonly difference: Difference }[] {
  const calls = played.map(({ recorded }) => recorded);
  return calls
    .filter((call) => isCreating(call.action) && isAnswered(call))
    .flatMap((call) =>
      idsMadeBy(call).flatMap((id) => {
        const seen = sightingsOf(id, calls).map(({ status }) => status);
        const cloud = seen.filter((status, at) => status !== seen[at - 1]);
        const emulator = states.get(names.of(id)) ?? [];
        if (isWithin(cloud, emulator)) return [];
        const at = `order of states of ${/^t-/.test(id) ? "the task" : "the image"}`;
        return [{ action: call.action, difference: { at, cloud: cloud.join(" → "), emulator: emulator.join(" → ") } }];
      }),
    );
}

/** Calls see only some of the states, so one order may have gaps. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let from = 0;
  return some.every((state) => {
    from = all.indexOf(state, from) + 1;
    return from > 0;
  });
}
