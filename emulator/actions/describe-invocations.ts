import { action } from "../request/action";
import type { Context } from "../request/emulation";
import { isoTime, tagsToMatch } from "../request/fields";
import { paged, pagingFields } from "../request/page";
import { flag, integer, type Parsed, text } from "../request/parameters";
import { invocationState, isOver } from "../resources/invocations";
import { carries, tagRows } from "../resources/tags";
import type { InvocationRecord, World } from "../world/world";

const accepts = {
  RegionId: text({ required: true }),
  InvokeId: text(),
  InstanceId: text(),
  CommandId: text(),
  ContentEncoding: text({ oneOf: ["PlainText", "Base64"] }),
  IncludeOutput: flag(),
  Tag: tagsToMatch,
  ...pagingFields,
  PageSize: integer({ range: [1, 50], wrong: "InvalidParam.PageSize" }),
} as const;
type Request = Parsed<typeof accepts>;

/** Both pages name a command and an instance as resources, or everything if the request names neither. */
const resources = ({ InstanceId, CommandId }: Readonly<Record<string, string>>): string[] =>
  InstanceId ? [`instance/${InstanceId}`] : CommandId ? [`command/${CommandId}`] : ["*"];

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocations */
export const describeInvocations = action({
  accepts,
  resources,
  answer(world, request, context) {
    const { rows, ...counts } = paged(found(world, request, context), request, (invocation) => ({
      InvokeId: invocation.invokeId,
      CommandId: invocation.commandId,
      CommandName: invocation.name,
      CommandType: invocation.type,
      CommandContent: encoded(Buffer.from(invocation.content), request),
      Timeout: invocation.timeout,
      RepeatMode: "Once",
      CreationTime: isoTime(invocation.createdMs),
      ...statusesOf(invocation, context.now),
      InvokeInstances: {
        InvokeInstance: [resultRow(invocation, request, context.now, request.IncludeOutput === true)],
      },
      Tags: tagRows(invocation.tags),
    }));
    return { ...counts, Invocations: { Invocation: rows } };
  },
});

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinvocationresults */
export const describeInvocationResults = action({
  accepts,
  resources,
  answer(world, request, context) {
    const { rows, ...counts } = paged(found(world, request, context), request, (invocation) => ({
      InvokeId: invocation.invokeId,
      CommandId: invocation.commandId,
      InvokeRecordStatus: statusesOf(invocation, context.now).InvokeStatus,
      Username: "",
      ...resultRow(invocation, request, context.now, true),
      Tags: tagRows(invocation.tags),
    }));
    return { Invocation: { ...counts, InvocationResults: { InvocationResult: rows } } };
  },
});

/** The requested invocations, the newest first. */
const found = (world: World, request: Request, { regionId }: Context): InvocationRecord[] =>
  [...world.invocations.values()]
    .filter(
      (invocation) =>
        invocation.regionId === regionId &&
        (request.InvokeId ?? invocation.invokeId) === invocation.invokeId &&
        (request.InstanceId ?? invocation.instanceId) === invocation.instanceId &&
        (request.CommandId ?? invocation.commandId) === invocation.commandId &&
        carries(invocation.tags, request.Tag),
    )
    .reverse();

function statusesOf(invocation: InvocationRecord, nowMs: number) {
  const state = invocationState(invocation, nowMs);
  const invokeStatus = !isOver(state) ? "Running" : state.status === "Success" ? "Finished" : "Failed";
  return { InvokeStatus: invokeStatus, InvocationStatus: state.status };
}

function resultRow(invocation: InvocationRecord, request: Request, nowMs: number, withOutput: boolean) {
  const state = invocationState(invocation, nowMs);
  return {
    InstanceId: invocation.instanceId,
    InvocationStatus: state.status,
    ExitCode: state.exitCode,
    ErrorCode: state.errorCode,
    ErrorInfo: state.errorInfo,
    Output: withOutput ? encoded(state.output, request) : "",
    Dropped: state.dropped,
    Repeats: state.startedMs === undefined ? 0 : 1,
    StartTime: state.startedMs === undefined ? "" : isoTime(state.startedMs),
    FinishedTime: state.endedMs === undefined ? "" : isoTime(state.endedMs),
    StopTime: "",
  };
}

/** "Default value: Base64." */
const encoded = (content: Buffer, { ContentEncoding = "Base64" }: Request): string =>
  content.toString(ContentEncoding === "PlainText" ? "utf8" : "base64");
