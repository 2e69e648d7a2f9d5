import type { Call, Fault } from "../../emulator";
import type { Lab } from "../support/lab";

/** What can happen to one call on its way there or back. */
export interface BadAnswer {
  readonly name: string;
  /** `before`: the call has no effect. `after`: it has, but the caller gets no answer. */
  readonly phase: "before" | "after";
  readonly fault: Fault;
  /** OSS knows nothing of the kind. */
  readonly ofEcs?: true;
  /** One of the few that represent all. */
  readonly sample?: true;
}

const page = {
  kind: "answer",
  status: 502,
  body: "<html><body>Bad Gateway</body></html>",
  contentType: "text/html",
} as const;
const error = JSON.stringify({
  Code: "InternalError",
  Message: "The request processing has failed due to some unknown error.",
  RequestId: "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E",
});

/** All of them are transient: the next attempt is answered. */
export const badAnswers: readonly BadAnswer[] = [
  { name: "the connection is reset before it is heard", phase: "before", fault: { kind: "reset" }, sample: true },
  {
    name: "it is answered 500 before it is done",
    phase: "before",
    fault: { kind: "error", status: 500, code: "InternalError" },
    sample: true,
  },
  {
    name: "it is answered 503 before it is done",
    phase: "before",
    fault: { kind: "error", status: 503, code: "ServiceUnavailable" },
  },
  { name: "a proxy's page comes instead of it", phase: "before", fault: page },
  { name: "it is throttled once", phase: "before", fault: { kind: "error", status: 429, code: "Throttling.User" } },
  {
    name: "a proxy has delivered it twice",
    phase: "before",
    fault: { kind: "error", status: 400, code: "SignatureNonceUsed" },
    ofEcs: true,
  },
  { name: "the connection is reset after it is done", phase: "after", fault: { kind: "reset" }, sample: true },
  { name: "its answer breaks off", phase: "after", fault: { kind: "truncate" } },
  { name: "its answer never comes", phase: "after", fault: { kind: "silence" } },
  { name: "its answer is empty", phase: "after", fault: { kind: "answer", status: 200, body: "" }, sample: true },
  { name: "its answer has nothing in it", phase: "after", fault: { kind: "answer", status: 200, body: "{}" } },
  {
    name: "its answer has everything in the wrong type",
    phase: "after",
    fault: {
      kind: "answer",
      status: 200,
      body: '{"RequestId":1,"ImageId":[],"TaskId":{},"TotalCount":"1","Images":[],"TaskSet":"","Snapshots":null}',
    },
  },
  { name: "its answer is cut JSON", phase: "after", fault: { kind: "answer", status: 200, body: '{"ImageId":"m-' } },
  {
    name: "its answer is an error under status 200",
    phase: "after",
    fault: { kind: "answer", status: 200, body: error },
  },
  {
    name: "its answer is an XML error",
    phase: "after",
    fault: {
      kind: "answer",
      status: 500,
      body: "<Error><Code>InternalError</Code><Message>sorry</Message></Error>",
      contentType: "text/xml",
    },
  },
  { name: "a proxy's page comes after it is done", phase: "after", fault: page },
];

/** Injects the fault into one call, the nth from now on. */
export function disturb(lab: Lab, nth: number, { phase, fault }: BadAnswer): void {
  let chosen: Call | undefined;
  let count = 0;
  lab.emulator.intercept = (call, at) => {
    if (at === "before" && count++ === nth) chosen = call;
    return call === chosen && at === phase ? fault : undefined;
  };
}
