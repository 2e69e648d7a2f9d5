import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { tagsToSet } from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, integer, list, type Parsed, text } from "../request/parameters";
import { tagMap } from "../resources/tags";
import { imageSeenBy } from "../world/accounts";
import { nextId } from "../world/next-id";
import type { InstanceRecord, World } from "../world/world";

/** The largest encoded command, in bytes. */
const MOST_CONTENT = 24 * 1024;
/** Seconds. */
const DEFAULT_TIMEOUT = 60;

const accepts = {
  RegionId: text({ required: true }),
  Type: text({ required: true, oneOf: ["RunShellScript", "RunPowerShellScript", "RunBatScript"] }),
  CommandContent: text({ required: true }),
  ContentEncoding: text(),
  InstanceId: list(text({}), 100, {
    required: true,
    missing: "MissingParam.InstanceId",
    tooMany: "InstanceIds.ExceedLimit",
  }),
  Name: text({ length: [1, 128] }),
  Description: text({ length: [1, 512] }),
  Timeout: integer({ range: [10, 86_400] }),
  KeepCommand: flag(),
  RepeatMode: text({ oneOf: ["Once"] }),
  Username: text(),
  WorkingDir: text(),
  Tag: tagsToSet("NumberExceed.Tags"),
  ClientToken: text({ matches: /^[\x20-\x7e]{1,64}$/ }),
} as const;
type Request = Parsed<typeof accepts>;

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runcommand */
export const runCommand = action({
  accepts,

  resources: (params) => [
    "command/*",
    ...Object.entries(params).flatMap(([name, id]) => (/^InstanceId\.\d+$/.test(name) ? [`instance/${id}`] : [])),
  ],

  answer(world, request, { now, regionId, cloud, params, changed }) {
    const mismatch = "IdempotentParameterMismatch";
    return answerOnce(world, { action: "RunCommand", token: request.ClientToken, params, mismatch }, () => {
      const content = contentOf(request);
      const instances = request.InstanceId.map((id) => {
        const instance = world.instances.get(id);
        if (instance?.regionId !== regionId) throw refusal("InvalidInstance.NotFound");
        requireFit(instance, imageSeenBy(cloud, world, instance.imageId)?.image.osType, request.Type);
        return instance;
      });
      const ids = { CommandId: nextId(world, "c"), InvokeId: nextId(world, "t") };
      for (const instance of instances) begin(world, instance, request, { ...ids, content, nowMs: now });
      changed();
      return ids;
    });
  },
});

function contentOf({ CommandContent, ContentEncoding = "PlainText" }: Request): string {
  const isEncoded = /^base64$/i.test(ContentEncoding);
  if (isEncoded && !/^[A-Za-z0-9+/]*={0,2}$/.test(CommandContent)) throw refusal("CmdContent.DecodeError");
  const content = isEncoded ? Buffer.from(CommandContent, "base64").toString("utf8") : CommandContent;
  if (Buffer.from(content).toString("base64").length > MOST_CONTENT) throw refusal("CmdContent.ExceedLimit");
  return content;
}

/**
 * The instance must be Running, with an operating system that can run the script. The command itself shows later
 * whether the agent answers.
 */
function requireFit({ status }: InstanceRecord, osType: string | undefined, type: string): void {
  const isForWindows = type !== "RunShellScript";
  if (status !== "Running" || (osType !== undefined && isForWindows !== (osType === "windows")))
    throw refusal("InvalidInstance.NotMatch");
}

function begin(
  world: World,
  { instanceId, regionId, start }: InstanceRecord,
  { Name = "", Type, Timeout = DEFAULT_TIMEOUT, Tag }: Request,
  { CommandId, InvokeId, content, nowMs }: { CommandId: string; InvokeId: string; content: string; nowMs: number },
): void {
  world.invocations.set(world.invocations.has(InvokeId) ? `${InvokeId} ${instanceId}` : InvokeId, {
    invokeId: InvokeId,
    commandId: CommandId,
    regionId,
    instanceId,
    name: Name,
    type: Type,
    content,
    timeout: Timeout,
    tags: tagMap(Tag),
    createdMs: nowMs,
    outcome: start?.command ?? { durationMs: 1_000 },
  });
}
