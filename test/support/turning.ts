import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ManualClock } from "../../emulator/clock";

interface Message {
  readonly request: object;
  readonly response?: IncomingMessage;
}

/**
 * Requests of this process that are under way, up to the last byte of their answers, as Node's own HTTP clients report
 * them.
 */
const underWay = new Set<object>();
const begins = ({ request }: Message) => void underWay.add(request);
// An answer that arrives while its request is aborted is reported twice.
const ends = ({ request }: Message) => void underWay.delete(request);
const channels: [name: string, heard: (message: Message) => void][] = [
  ["http.client.request.start", begins],
  ["undici:request:create", begins],
  ["http.client.request.error", ends],
  ["undici:request:trailers", ends],
  ["undici:request:error", ends],
  ["http.client.response.finish", (message) => message.response!.once("close", () => ends(message))],
];
for (const [name, heard] of channels) subscribe(name, heard as never);
// The channels belong to the process, which runs the next test file, too. The bench has no `afterAll`.
globalThis.afterAll?.(() => channels.forEach(([name, heard]) => unsubscribe(name, heard as never)));

const turn = () => new Promise((resolve) => setImmediate(resolve));
/** An answer arrives within some turns. One that is later comes from another process, or never. */
const TURNS_OF_A_CALL = 200;

/**
 * Runs work to its end on a manual clock: whenever nothing is under way and everything sleeps, the clock advances to
 * the next timer. So an hour of waiting takes only as long as its calls. `held` returns how many of the requests under
 * way wait for this clock.
 */
export async function turning<T>(clock: ManualClock, work: Promise<T>, held = () => 0): Promise<T> {
  let settled = false;
  const done = work.finally(() => (settled = true));
  done.catch(() => undefined);
  for (let quiet = 0, busy = 0; !settled; await (busy > TURNS_OF_A_CALL ? sleep(1) : turn())) {
    const isQuiet = underWay.size === held();
    quiet = isQuiet ? quiet + 1 : 0;
    busy = isQuiet ? 0 : busy + 1;
    if (quiet < 5 || clock.nextWake === undefined) continue;
    await clock.advance(Math.max(0, clock.nextWake - clock.now()));
    quiet = 0;
  }
  return done;
}
