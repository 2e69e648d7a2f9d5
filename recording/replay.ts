import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Exchange } from "./exchange";
import { exchangeOf } from "./traffic";

/** A server that answers from a recording instead of a cloud. */
export interface Replay {
  /** `http://127.0.0.1:<port>`, for ECS, OSS and STS. */
  readonly endpoint: string;
  /** Calls for which the recording has no answer. */
  readonly unanswered: readonly Pick<Exchange, "action" | "params">[];
  close(): Promise<void>;
}

/**
 * Answers each call from the recording: with the next answer to this action that fits the request, or with the last one
 * if none is left. Names that differ in each run, such as random suffixes and owner tags, take the place of the
 * recorded ones.
 */
export async function serveRecording(calls: readonly Exchange[], port = 0): Promise<Replay> {
  const player = new Player(calls);
  const server = createServer((request, response) => void answer(request, response, player));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    unanswered: player.unanswered,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Parameters that name what a call is about. The ids of created things are the recorded ones, because the caller has
 * them from recorded answers.
 */
const ABOUT = /^(ImageId|TaskIds?|SnapshotIds?|InstanceId|ResourceIds?\.\d+|bucket|key)$/;

class Player {
  readonly unanswered: Pick<Exchange, "action" | "params">[] = [];
  private readonly left: Exchange[];
  private readonly played: Exchange[] = [];
  /** By each recorded string, what this caller sends in its place. */
  private readonly now = new Map<string, string>();

  constructor(calls: readonly Exchange[]) {
    this.left = calls.filter(({ status }) => status !== undefined);
  }

  answerTo(asked: Exchange): Exchange | undefined {
    const next = this.best(asked, this.left);
    const found = next ?? this.best(asked, [...this.played].reverse());
    if (!found) {
      this.unanswered.push({ action: asked.action, params: asked.params });
      return undefined;
    }
    if (next) {
      this.left.splice(this.left.indexOf(next), 1);
      this.played.push(next);
    }
    for (const [name, value] of Object.entries(found.params)) {
      const given = asked.params[name];
      if (given !== undefined && given !== value && !this.now.has(value)) this.now.set(value, given);
    }
    return { ...found, headers: found.headers, body: this.withNamesOfCaller(found.body) };
  }

  /**
   * Of the calls of this action, the one with the most parameters in common. A call that names what it is about matches
   * only calls about the same.
   */
  private best(asked: Exchange, calls: readonly Exchange[]): Exchange | undefined {
    const fitting = calls.filter(
      (call) => call.service === asked.service && call.action === asked.action && this.isAboutTheSame(call, asked),
    );
    const inCommon = ({ params }: Exchange) =>
      Object.entries(params).filter(([name, value]) => [value, this.now.get(value)].includes(asked.params[name]))
        .length;
    return fitting.reduce<Exchange | undefined>(
      (best, call) => (best === undefined || inCommon(call) > inCommon(best) ? call : best),
      undefined,
    );
  }

  private isAboutTheSame({ params }: Exchange, asked: Exchange): boolean {
    const names = Object.keys({ ...params, ...asked.params }).filter((name) => !/^(Page\w+|NextToken)$/.test(name));
    if (names.some((name) => (params[name] === undefined) !== (asked.params[name] === undefined))) return false;
    return names
      .filter((name) => ABOUT.test(name))
      .every((name) => [params[name], this.now.get(params[name] ?? "")].includes(asked.params[name]));
  }

  private withNamesOfCaller(value: unknown): unknown {
    if (typeof value === "string") {
      const whole = this.now.get(value);
      if (whole !== undefined) return whole;
      return value.startsWith("<?xml")
        ? [...this.now].reduce((xml, [was, is]) => xml.replaceAll(was, is), value)
        : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.withNamesOfCaller(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.withNamesOfCaller(inner)]));
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, player: Player): Promise<void> {
  const asked = await askedBy(request);
  const found = asked && player.answerTo(asked);
  const { status = 200, headers, body } = found ?? NO_ANSWER;
  const sent = typeof body === "string" ? body : JSON.stringify(body);
  const isHead = request.method === "HEAD";
  const length = isHead ? (headers["content-length"] ?? "0") : String(Buffer.byteLength(sent));
  response.writeHead(status, { ...headers, "content-length": length });
  response.end(isHead ? undefined : sent);
}

const NO_ANSWER: Pick<Exchange, "headers" | "body"> & { readonly status: number } = {
  status: 501,
  headers: { "content-type": "application/json" },
  body: { Code: "NotRecorded", Message: "The recording has no answer to this call.", RequestId: "" },
};

async function askedBy(request: IncomingMessage): Promise<Exchange | undefined> {
  const sent: Buffer[] = [];
  for await (const chunk of request) sent.push(chunk as Buffer);
  return exchangeOf({
    atMs: 0,
    tookMs: 0,
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", `http://${request.headers.host}`),
    requestHeaders: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    requestBody: Buffer.concat(sent).toString("utf8"),
    headers: {},
    body: Buffer.alloc(0),
  });
}
