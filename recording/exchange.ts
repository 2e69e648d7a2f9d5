import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A call and its answer in a recording: readable, and without anything that identifies its owner. */
export interface Exchange {
  /** When the request was sent, in UTC. */
  readonly at: string;
  /** Milliseconds from the request to the last byte of the answer. */
  readonly tookMs: number;
  readonly service: "ecs" | "oss" | "sts";
  /** The API's name for it; for OSS the name of the operation, such as `HeadObject`. */
  readonly action: string;
  /** The parameters, without those that sign the request. For OSS: bucket, key and query. */
  readonly params: Readonly<Record<string, string>>;
  /** Left out if there was no answer. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A parsed JSON value, or XML as a string. */
  readonly body: unknown;
}

/** The calls of a recording, one JSON object in each line. */
export const CALLS_FILE = "calls.jsonl";

/** Appends a call in one write, because several processes may write to one recording at a time. */
export function appendTo(folder: string, exchange: Exchange): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, CALLS_FILE), `${JSON.stringify(exchange)}\n`);
}

/** The calls in the order in which they were sent. Half a last line, which a killed process may leave, is ignored. */
export function recordingIn(folder: string): Exchange[] {
  const file = path.join(folder, CALLS_FILE);
  if (!existsSync(file)) throw new Error(`${folder} holds no recording: there is no ${CALLS_FILE}`);
  const lines = readFileSync(file, "utf8").split("\n");
  const calls = lines.flatMap((line, at): Exchange[] => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as Exchange];
    } catch {
      if (at === lines.length - 1) return [];
      throw new Error(`${file}: line ${at + 1} is not JSON`);
    }
  });
  return calls.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
