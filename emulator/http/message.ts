/** A request as it came in, before its signature is checked. */
export interface HttpRequest {
  readonly method: string;
  /** Exactly as sent, still escaped, without the query. */
  readonly path: string;
  /** What follows `?`, still escaped; empty without. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case, without the port. */
  readonly hostname: string;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** What a test lets go wrong with a call. */
export type Fault =
  /** An error of the API, in the shape that the product documents (JSON, or XML for OSS). `headers`: for example `{ "x-acs-retry-after": "2000" }`, milliseconds. */
  | { kind: "error"; status: number; code: string; message?: string; headers?: Record<string, string> }
  /** Any body at all. */
  | { kind: "answer"; status: number; body: string; contentType?: string }
  | TransportFault;

/** What happens to a good answer on its way. */
export type TransportFault =
  | { kind: "reset" }
  /** The headers promise more than is sent. */
  | { kind: "truncate" }
  | { kind: "silence" }
  | { kind: "slow"; bytesPerSecond: number }
  /** Real milliseconds. */
  | { kind: "delay"; ms: number };

export interface Outcome {
  readonly answer: HttpAnswer;
  readonly fault?: TransportFault;
}
