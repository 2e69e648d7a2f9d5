/** A request as received, before its signature is checked. */
export interface HttpRequest {
  readonly method: string;
  /** Exactly as sent, still escaped, without the query. */
  readonly path: string;
  /** What follows `?`, still escaped; empty if there is none. */
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

/** An error of the API, in the shape that the product documents: JSON, or XML for OSS. */
export interface ErrorFault {
  /** Selects this fault. */
  kind: "error";
  /** The HTTP status. */
  status: number;
  /** The code, for example `Throttling.User`. */
  code: string;
  /** The message. Without one, the answer says that a test injected the error. */
  message?: string;
  /** More headers, for example `{ "x-acs-retry-after": "2000" }` (milliseconds). */
  headers?: Record<string, string>;
}

/** An answer with any body, such as the page of a proxy. */
export interface AnswerFault {
  /** Selects this fault. */
  kind: "answer";
  /** The HTTP status. */
  status: number;
  /** Sent as it is. */
  body: string;
  /** `application/json` by default. */
  contentType?: string;
}

/** Closes the connection without an answer. */
export interface ResetFault {
  /** Selects this fault. */
  kind: "reset";
}

/** Closes the connection in the middle of the answer: the headers announce more bytes than are sent. */
export interface TruncateFault {
  /** Selects this fault. */
  kind: "truncate";
}

/** Keeps the connection open and sends no answer. */
export interface SilenceFault {
  /** Selects this fault. */
  kind: "silence";
}

/** Sends the answer slowly. */
export interface SlowFault {
  /** Selects this fault. */
  kind: "slow";
  /** The speed, in real time. */
  bytesPerSecond: number;
}

/** Sends the answer later. */
export interface DelayFault {
  /** Selects this fault. */
  kind: "delay";
  /** Real milliseconds. */
  ms: number;
}

/** A fault that a test injects into a call. */
export type Fault = ErrorFault | AnswerFault | TransportFault;

/** A fault in the transport of a good answer. */
export type TransportFault = ResetFault | TruncateFault | SilenceFault | SlowFault | DelayFault;

export interface Outcome {
  readonly answer: HttpAnswer;
  readonly fault?: TransportFault;
}
