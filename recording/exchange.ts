import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One call and its answer, as a recording keeps it: readable, and without anything that says whose it was. */
export interface Exchange {
  /** When the request was sent, in UTC. */
  readonly at: string;
  /** Milliseconds until the last byte of the answer. */
  readonly tookMs: number;
  readonly service: "ecs" | "oss" | "sts";
  /** Of the API; for OSS the name of the operation, such as `HeadObject`. */
  readonly action: string;
  /** Without those that sign a request. For OSS: bucket, key and query. */
  readonly params: Readonly<Record<string, string>>;
  /** Left out: there was no answer. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as the value that it is, XML as text. */
  readonly body: unknown;
}

/** The calls of a recording, one JSON object in each line. */
export const CALLS_FILE = "calls.jsonl";

/** Several processes may append to one recording at a time: a line is written at once. */
export function appendTo(folder: string, exchange: Exchange): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(path.join(folder, CALLS_FILE), `${JSON.stringify(exchange)}\n`);
}

/** In the order in which they were sent. A killed process may have left half a last line, which is no call. */
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
