import { createHash } from "node:crypto";
import type { InvocationResult } from "../../../ecs/actions";
import { Failure } from "../../../failure";
import type { Context } from "../../../lifecycle/context";
import { inWords } from "../../../wait/duration";
import { type ImageTest, testTimeoutMs } from "./args";

/** What a command that has ended left. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
  /** Why it failed; undefined: it succeeded. */
  readonly why?: string;
}

/**
 * Begins the command, or finds the one that an interrupted run began: the token follows from the instance and the
 * command.
 */
export async function beginCommand(
  instanceId: string,
  test: ImageTest,
  osType: string | undefined,
  ctx: Context,
): Promise<string> {
  const seconds = Math.ceil(testTimeoutMs(test) / 1_000);
  const token = createHash("sha256")
    .update(JSON.stringify([instanceId, test.command, seconds]))
    .digest("hex");
  const { InvokeId } = await ctx.ecs("RunCommand", {
    Type: osType === "windows" ? "RunPowerShellScript" : "RunShellScript",
    CommandContent: Buffer.from(test.command).toString("base64"),
    ContentEncoding: "Base64",
    InstanceId: [instanceId],
    Name: "test-of-image",
    Timeout: Math.min(Math.max(seconds, 10), 86_400),
    ClientToken: token.slice(0, 48),
  });
  return InvokeId!;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;

/** Reads the result until the command has ended. Undefined: it has not when the time is over. */
export async function commandEnd(invokeId: string, untilMs: number, ctx: Context): Promise<Ended | undefined> {
  const fromMs = ctx.clock.now();
  for (;;) {
    const result = await resultOf(invokeId, ctx);
    const ended = result && endOf(result);
    if (ended) return ended;
    const elapsedMs = ctx.clock.now() - fromMs;
    ctx.show(`test: the command runs, ${inWords(elapsedMs)}`);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + elapsedMs / 10);
    if (ctx.clock.now() + pauseMs > untilMs) return undefined;
    await ctx.pause(pauseMs);
  }
}

async function resultOf(invokeId: string, ctx: Context): Promise<InvocationResult | undefined> {
  const { Invocation } = await ctx.ecs("DescribeInvocationResults", {
    InvokeId: invokeId,
    ContentEncoding: "PlainText",
  });
  return (Invocation?.InvocationResults?.InvocationResult ?? []).find((result) => result.InvokeId === invokeId);
}

/** The instance went away while the command ran: that is not the image's fault. */
const VANISHED: readonly string[] = ["InstanceReleased", "InstanceNotExists"];

/** What the result says; undefined: the command is on its way, runs, or is in a status that nobody knows. */
function endOf(result: InvocationResult): Ended | undefined {
  const { InvocationStatus: status = "", ExitCode = 0, Output = "", ErrorCode = "", ErrorInfo = "" } = result;
  if (status === "Success") return { exitCode: 0, output: Output };
  if (!/^(Failed|Timeout|Error|Invalid|Aborted|Cancelled|Terminated)$/.test(status)) return undefined;
  if (VANISHED.includes(ErrorCode))
    throw new Failure("Refused", `the instance was released while the command ran in it (${ErrorCode})`);
  const why =
    status === "Failed"
      ? `the command ended with exit code ${ExitCode}`
      : `the command ended as ${status}${ErrorCode && ` (${ErrorCode}${ErrorInfo && `: ${ErrorInfo}`})`}`;
  return { exitCode: ExitCode, output: Output, why };
}
