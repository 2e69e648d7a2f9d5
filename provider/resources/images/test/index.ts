// Tests an image: an instance of it must run a command successfully.

import type { ImageRow } from "../../../ecs/actions";
import { Failure, isFailure, messageOf } from "../../../failure";
import type { Context } from "../../../lifecycle/context";
import { TESTED_TAG, tagsIn } from "../../../lifecycle/ownership";
import { inWords } from "../../../wait/duration";
import { type ImageTest, type TestResult, testTimeoutMs } from "./args";
import { beginCommand, commandEnd, type Ended } from "./command";
import { endOfConsole, endOfText } from "./console";
import { deleteInstance, type StartedInstance, type Subject, startInstance, testInstances } from "./instance";

/** A test in progress. Each step adds to it. */
interface Test {
  readonly subject: Subject;
  readonly osType: string | undefined;
  readonly test: ImageTest;
  readonly ctx: Context;
  /** The end of its time, after which it has failed. */
  endMs: number;
  instance?: StartedInstance;
  invokeId?: string;
  end?: Ended;
}

interface Step {
  /** The step in the words of the row. */
  readonly doing: string;
  act(it: Test): Promise<void>;
}

/** The steps of a test. A step that an interrupted run has completed is not repeated. */
const steps: readonly Step[] = [
  { doing: "an instance is started", act: start },
  { doing: "the instance boots", act: boot },
  { doing: "Cloud Assistant comes up", act: awaitAssistant },
  { doing: "the command runs", act: runCommand },
];

/** How many bytes of the command's output the state keeps: the last ones. */
const MOST_OUTPUT = 4_096;

/** The last whole characters of a text that fit into so many bytes. */
function lastBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  let from = Math.max(0, bytes.length - most);
  while (((bytes[from] ?? 0) & 0xc0) === 0x80) from++; // skips the rest of a cut character
  return bytes.subarray(from).toString("utf8");
}

/** How many tags an image can have, not counting those of Alibaba Cloud. */
const MOST_TAGS = 20;

/**
 * Tests an image and tags it with the result, before it gets its family. If it has a family already, a run without a
 * test in its program made it, and instances may have been started from it by family.
 */
export async function testBeforeFamily(
  row: ImageRow,
  test: ImageTest,
  subject: Subject,
  ctx: Context,
): Promise<TestResult> {
  const tags = [...tagsIn(row).keys()].filter((key) => !/^(acs:|aliyun)/.test(key));
  const { imageId } = subject;
  if (row.ImageFamily && !tags.includes(TESTED_TAG))
    throw new Failure("Failed", `image ${imageId} has been in the family ${row.ImageFamily} without its test`);
  const result = await testImage(row, test, subject, ctx);
  if (tags.length >= MOST_TAGS && !tags.includes(TESTED_TAG))
    ctx.warn(`image ${imageId} has ${tags.length} tags, so it does not get the tag ${TESTED_TAG}`);
  else await ctx.ecs("TagResources", { ResourceType: "image", ResourceId: [imageId], Tag: [PASSED] });
  return result;
}

const PASSED = { Key: TESTED_TAG, Value: "passed" };

/**
 * Tests an image: starts an instance from it, waits until its Cloud Assistant answers, runs the command, and always
 * deletes the instance. Fails as `Failed` if the image is at fault. With any other failure the image stays unfinished,
 * and the next run tests it again.
 */
async function testImage(row: ImageRow, test: ImageTest, subject: Subject, ctx: Context): Promise<TestResult> {
  const it: Test = { subject, osType: row.OSType, test, ctx, endMs: ctx.clock.now() + testTimeoutMs(test) };
  const took: string[] = [];
  try {
    for (const { doing, act } of steps) {
      const fromMs = ctx.clock.now();
      ctx.show(`test: ${doing}`);
      await act(it);
      took.push(`${doing.replace(/^(the|an) /, "")} ${inWords(ctx.clock.now() - fromMs)}`);
    }
  } finally {
    if (it.instance && !ctx.signal.aborted) await end(it.instance, ctx);
  }
  const { exitCode, output, why } = it.end!;
  if (why !== undefined) throw failed(it, why, endOfText(output, "its output"));
  ctx.show(`test passed on ${it.instance!.instanceType}: ${took.join(", ")}`);
  const testedAt = new Date(ctx.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  return { instanceType: it.instance!.instanceType, exitCode, output: lastBytes(output, MOST_OUTPUT), testedAt };
}

/** Starts an instance, or continues with one that an interrupted run started, unless its time is nearly over. */
async function start(it: Test): Promise<void> {
  const { subject, test, ctx } = it;
  const isYoung = ({ CreationTime = "" }: { CreationTime?: string }) =>
    ctx.clock.now() - Date.parse(CreationTime) < testTimeoutMs(test);
  const found = await testInstances(subject, ctx);
  const usable = found.find((row) => isYoung(row) && /^(Pending|Starting|Running)$/.test(row.Status ?? ""));
  for (const row of found) if (row !== usable) await deleteInstance(row.InstanceId!, ctx);
  it.instance = usable
    ? { instanceId: usable.InstanceId!, instanceType: usable.InstanceType ?? "" }
    : await startInstance(subject, test, ctx);
  it.endMs = ctx.clock.now() + testTimeoutMs(test);
}

/** How long ECS may take to list a new instance. */
const LISTED_WITHIN_MS = 60_000;

/**
 * A request that is repeated word by word within a minute returns the instance that it started the first time, even if
 * that was deleted in the meantime. So if an instance is never listed, another one is started with the next token.
 */
async function boot(it: Test): Promise<void> {
  const { subject, test, instance, ctx } = it;
  const isThere = await inTime(it, "it did not boot", () => running(it, ctx.clock.now() + LISTED_WITHIN_MS));
  if (isThere || instance?.token === undefined) return;
  it.instance = await startInstance(subject, test, ctx, instance.token + 1);
  it.endMs = ctx.clock.now() + testTimeoutMs(test);
  return boot(it);
}

/** Waits until the instance runs. False if no list shows it. */
function running({ instance, endMs, ctx }: Test, listedUntilMs: number): Promise<boolean> {
  let wasListed = instance!.token === undefined;
  return ctx.instances.until(instance!.instanceId, {
    what: `instance ${instance!.instanceId}`,
    deadlineMs: Math.min(endMs, ctx.deadlineMs),
    report: (at) => ctx.show(`test: instance ${instance!.instanceId} is ${at}`),
    evaluate: (row) => {
      wasListed ||= row !== undefined;
      if (row?.Status === "Running") return { is: "ready", value: true };
      if (!wasListed && ctx.clock.now() >= listedUntilMs) return { is: "ready", value: false };
      return { is: "pending", at: row?.Status ?? "not listed yet" };
    },
  });
}

const NO_ASSISTANT =
  "its Cloud Assistant did not answer: the system did not boot, the agent is missing, or the security group does not " +
  "let it reach its service";

function awaitAssistant(it: Test): Promise<void> {
  return inTime(it, NO_ASSISTANT, ({ instance, endMs, ctx }) =>
    ctx.assistants.until(instance!.instanceId, {
      what: `Cloud Assistant of instance ${instance!.instanceId}`,
      deadlineMs: Math.min(endMs, ctx.deadlineMs),
      listedBefore: true,
      report: () => ctx.show("test: waiting for Cloud Assistant"),
      evaluate: (row) =>
        row?.CloudAssistantStatus === "true"
          ? { is: "ready", value: undefined }
          : { is: "pending", at: "Cloud Assistant does not answer yet" },
    }),
  );
}

async function runCommand(it: Test): Promise<void> {
  const { instance, test, osType, ctx } = it;
  it.invokeId = await beginCommand(instance!.instanceId, test, osType, ctx);
  const end = await commandEnd(it.invokeId, Math.min(it.endMs, ctx.deadlineMs), ctx);
  if (end) it.end = end;
  else if (ctx.deadlineMs < it.endMs) throw new Failure("TimedOut", "the command of the test still runs");
  else it.end = { exitCode: -1, output: "", why: `the command did not end within ${inWords(testTimeoutMs(test))}` };
}

/** Waits. If the time is over, the test has failed. If the instance disappears, that is not the image's fault. */
async function inTime<T>(it: Test, why: string, wait: (it: Test) => Promise<T>): Promise<T> {
  try {
    return await wait(it);
  } catch (error) {
    const { instance, osType, endMs, ctx } = it;
    if (isFailure(error) && error.detail.gone)
      throw new Failure(
        "Refused",
        `the test ended early: instance ${instance!.instanceId} is gone, perhaps because ECS lacked resources`,
      );
    if (!isFailure(error, "TimedOut") || ctx.clock.now() < Math.min(endMs, ctx.deadlineMs) || ctx.deadlineMs < endMs)
      throw error;
    throw failed(
      it,
      `${why}, within ${inWords(testTimeoutMs(it.test))}`,
      await endOfConsole(instance!.instanceId, osType, ctx),
    );
  }
}

const failed = ({ subject, instance }: Test, why: string, printed: string): Failure =>
  new Failure(
    "Failed",
    `image ${subject.imageId} failed its test on ${instance!.instanceType}: ${why}. ` +
      `${printed}${/\n$/.test(printed) ? "" : ". "}Nobody could use the image`,
    { verdict: true },
  );

/**
 * Deletes the instance, whatever the result of the test. If that fails, ECS releases the instance later, so the test
 * still counts.
 */
async function end({ instanceId }: StartedInstance, ctx: Context): Promise<void> {
  try {
    await deleteInstance(instanceId, ctx);
  } catch (error) {
    if (ctx.signal.aborted) return;
    ctx.warn(
      `the instance ${instanceId} of the test could not be deleted: ${messageOf(error)}. ECS releases it by itself; ` +
        "npx pulumi-alicloud-image orphans lists it",
    );
  }
}
