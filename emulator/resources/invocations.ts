import type { CommandOutcome, InvocationRecord } from "../world/world";

/** How many bytes of output the API returns: the last ones. */
const MOST_OUTPUT = 24 * 1024;

interface InvocationState {
  /** `InvocationStatus`. */
  readonly status: "Pending" | "Running" | "Success" | "Failed" | "Timeout" | "Error";
  readonly errorCode: string;
  readonly errorInfo: string;
  readonly exitCode: number;
  readonly output: Buffer;
  /** The number of bytes that were dropped from its start. */
  readonly dropped: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
}

/** How long a command takes to reach the instance. */
const DELIVERY_MS = 1_000;

/** The state of a command at `nowMs`. */
export function invocationState(invocation: InvocationRecord, nowMs: number): InvocationState {
  const { createdMs, outcome, timeout, content, instanceReleasedMs = Infinity } = invocation;
  const startedMs = createdMs + DELIVERY_MS;
  const endedMs = startedMs + Math.min(outcome.durationMs, timeout * 1000);
  if (instanceReleasedMs <= Math.min(nowMs, endedMs))
    return ended("Error", startedMs, instanceReleasedMs, {
      errorCode: "InstanceReleased",
      errorInfo: "the instance has released when create task",
    });
  if (nowMs < startedMs) return { ...ended("Pending", startedMs, nowMs), startedMs: undefined, endedMs: undefined };
  if (nowMs < endedMs) return { ...ended("Running", startedMs, nowMs), endedMs: undefined };
  const text = Buffer.from(outcome.output ?? echoedBy(content));
  const output = text.subarray(Math.max(0, text.length - MOST_OUTPUT));
  const printed = { output, dropped: text.length - output.length };
  if (outcome.durationMs > timeout * 1000)
    return ended("Timeout", startedMs, endedMs, {
      ...printed,
      errorCode: "ExecutionTimeout",
      errorInfo: "the command execution has been timeout",
    });
  const exitCode = exitCodeOf(outcome, content);
  if (exitCode === 0) return ended("Success", startedMs, endedMs, printed);
  return ended("Failed", startedMs, endedMs, {
    ...printed,
    exitCode,
    errorCode: "ExitCodeNonzero",
    errorInfo: "the command execution exit code is not zero",
  });
}

const ended = (
  status: InvocationState["status"],
  startedMs: number,
  endedMs: number,
  more: Partial<InvocationState> = {},
): InvocationState => ({
  status,
  startedMs,
  endedMs,
  errorCode: "",
  errorInfo: "",
  exitCode: 0,
  output: Buffer.alloc(0),
  dropped: 0,
  ...more,
});

/**
 * No command is really run. It prints the text of its `echo` lines, and ends with the code of its first `exit` line.
 */
const statements = (content: string): string[] => content.split(/[\n;]/);

const echoedBy = (content: string): string =>
  statements(content)
    .flatMap((line) => /^\s*(?:echo|Write-Output)\s+(["']?)(.*?)\1\s*$/.exec(line)?.[2] ?? [])
    .map((text) => `${text}\n`)
    .join("");

const exitCodeOf = ({ exitCode }: CommandOutcome, content: string): number =>
  exitCode ??
  statements(content).flatMap((line) => /^\s*exit\s+(\d+)\s*$/.exec(line)?.slice(1).map(Number) ?? [])[0] ??
  0;

/** Whether its state is final. */
export const isOver = ({ status }: InvocationState): boolean => status !== "Pending" && status !== "Running";
