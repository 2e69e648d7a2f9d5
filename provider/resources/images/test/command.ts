// Runs the command of a test, and reads its result.

import { createHash } from "node:crypto";
import type { InvocationResult } from "../../../ecs/actions";
import { Failure } from "../../../failure";
import type { Context } from "../../../lifecycle/context";
import { inWords } from "../../../wait/duration";
import { type ImageTest, testTimeoutMs } from "./args";

/** The result of a command that has ended. */
export interface Ended {
  readonly exitCode: number;
  readonly output: string;
  /** Why it failed; undefined if it succeeded. */
  readonly why?: string;
}

/**
 * Starts the command, or finds the one that an interrupted run started: the client token depends only on the instance
 * and the command.
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

/** Waits until the command has ended, and returns its result. Undefined if it has not ended in time. */
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

/** Codes of an instance that was deleted while the command ran. That is not the image's fault. */
const VANISHED: readonly string[] = ["InstanceReleased", "InstanceNotExists"];

/** The end of the command; undefined if it has not started or still runs, and for unknown statuses. */
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
