import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { ManualClock } from "../../emulator/clock";

/** Requests that this process has under way, to the last byte of their answers, by the word of Node's own HTTP clients. */
let underWay = 0;
const begins = () => void underWay++;
const isOver = () => void (underWay = Math.max(0, underWay - 1));
const channels: [name: string, heard: (message: unknown) => void][] = [
  ["http.client.request.start", begins],
  ["undici:request:create", begins],
  ["http.client.request.error", isOver],
  ["undici:request:trailers", isOver],
  ["undici:request:error", isOver],
  [
    "http.client.response.finish",
    (message) => (message as { response: IncomingMessage }).response.once("close", isOver),
  ],
];
for (const [name, heard] of channels) subscribe(name, heard);
// The channels belong to the process, which runs the next test file too; the bench has no such end.
globalThis.afterAll?.(() => channels.forEach(([name, heard]) => unsubscribe(name, heard)));

const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Lets work run to its end on a turned clock: whenever nothing is under way and everybody sleeps, time moves on to the next
 * waking. So an hour of waiting takes as long as its calls do. `held` returns how many of the requests under way are waiting for this clock.
 */
export async function turning<T>(clock: ManualClock, work: Promise<T>, held = () => 0): Promise<T> {
  let settled = false;
  const done = work.finally(() => (settled = true));
  done.catch(() => undefined);
  for (let quiet = 0; !settled; await turn()) {
    quiet = underWay === held() ? quiet + 1 : 0;
    if (quiet < 5 || clock.nextWake === undefined) continue;
    await clock.advance(Math.max(0, clock.nextWake - clock.now()));
    quiet = 0;
  }
  return done;
}
