import type { Call } from "../../emulator";
import { isRead } from "../../emulator/request/action";
import { FRONTS, type Front } from "./fronts";
import { type KindCase, recoverable } from "./kinds";

/**
 * `npm run test:crash` tries every fault at every call. `npm test` leaves out similar cases; these functions say which.
 */
export const isFull = process.env["CRASH_SWEEP"] === "full";

type Asked = Pick<Call, "action" | "params">;
const parametersOf = ({ action, params }: Asked) => [action, ...Object.keys(params).sort()].join();

/** The numbers of the calls to try: all that change something, and of the reads with the same parameters the first. */
export function sampledCalls(calls: readonly Asked[]): number[] {
  const asked = calls.map(parametersOf);
  return [...calls.keys()].filter((nth) => isFull || !isRead(calls[nth]!.action) || asked.indexOf(asked[nth]!) === nth);
}

/** One of every `stride`, starting with the one at `offset`. */
export const oneOf = <T>(stride: number, all: readonly T[], offset = 0): readonly T[] =>
  isFull ? all : all.filter((_, at) => at % stride === offset % Math.min(stride, all.length));

/** A single row, by turns: the next number gets the next row. */
export const inTurn = <T>(all: readonly T[], number: number): readonly T[] =>
  isFull ? all : all.slice(number % all.length, (number % all.length) + 1);

/** Both hosts run the same lifecycles, so each row of a table is tried on one host, by turns. */
export const ofHost =
  (front: Front) =>
  (_row: unknown, at: number): boolean =>
    isFull || FRONTS[at % FRONTS.length] === front;

/**
 * An image and an export, the two that differ most. The others are images that differ in how they are created; a full
 * run has them all.
 */
export const distinct: readonly KindCase[] = recoverable.filter(
  ({ kind }) => isFull || kind === "CustomImage" || kind === "ImageExport",
);

const notNow = Object.assign(() => undefined, { each: () => () => undefined });

/** A test that only `npm run test:crash` runs, because in `npm test` the emulator shows the same without an engine. */
export const nightly = (isFull ? it : notNow) as jest.It;
