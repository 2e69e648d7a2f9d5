// Validates every answer of ECS, and normalizes its lists.

import { type Action, isDryRun } from "./actions";

type Body = Record<string, unknown>;
/** What is wrong with a body; undefined if it is a valid answer. */
type Complaint = string | undefined;
type Check = (body: Body) => Complaint;

/** How the API nests a list: `Images.Image[]`. */
export interface ListShape {
  readonly outer: string;
  readonly inner: string;
  /** The property with the id of a row. */
  readonly id: string;
  /** What a row must have besides its id. */
  readonly row?: readonly Check[];
  /** Lists within a row. An absent list is empty. */
  readonly nested?: readonly (readonly [outer: string, inner: string])[];
}

interface Shape {
  readonly needs?: readonly Check[];
  readonly list?: ListShape;
  readonly nested?: ListShape["nested"];
}

/** Rows that could not be read and were dropped. That such a row is missing from the answer proves nothing. */
export interface Unreadable {
  readonly ids: ReadonlySet<string>;
  /** How many had no readable id. Each of them may be any of the requested ones. */
  readonly nameless: number;
}

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const text =
  (name: string): Check =>
  (body) =>
    isText(body[name]) ? undefined : `no ${name}`;

const optionalText =
  (name: string): Check =>
  (body) =>
    body[name] == null || typeof body[name] === "string" ? undefined : `a ${name} of the wrong type`;

const requestId: Shape = { needs: [text("RequestId")] };

/** `{ InstanceIdSets: { InstanceIdSet: ["i-1"] } }`: the id of the one instance that was requested. */
const instanceId: Check = (body) => {
  const rows = rowsOf(body.InstanceIdSets, "InstanceIdSet");
  const id = Array.isArray(rows) ? rows[0] : undefined;
  if (!isText(id)) return "no InstanceIdSets.InstanceIdSet";
  body.InstanceIdSets = { InstanceIdSet: [id] };
  return undefined;
};

/** The results of a command are a list within a list. */
const invocation: Check = (body) => {
  const results = isBody(body.Invocation) ? rowsOf(body.Invocation.InvocationResults, "InvocationResult") : undefined;
  if (results === undefined || (results !== "absent" && !results.every(isBody)))
    return "a wrong Invocation.InvocationResults";
  body.Invocation = { InvocationResults: { InvocationResult: results === "absent" ? [] : results } };
  return undefined;
};

const imageNested = [
  ["Tags", "Tag"],
  ["DiskDeviceMappings", "DiskDeviceMapping"],
] as const;
const imageRow = [text("Status"), optionalText("ImageName"), optionalText("Progress")];

/** The lists that the API returns in pages. */
export const lists = {
  DescribeImages: { outer: "Images", inner: "Image", id: "ImageId", row: imageRow, nested: imageNested },
  DescribeSnapshots: { outer: "Snapshots", inner: "Snapshot", id: "SnapshotId", nested: [["Tags", "Tag"]] },
  DescribeTasks: { outer: "TaskSet", inner: "Task", id: "TaskId", row: [text("TaskStatus")] },
  DescribeImageSharePermission: { outer: "Accounts", inner: "Account", id: "AliyunId" },
  DescribeInstances: {
    outer: "Instances",
    inner: "Instance",
    id: "InstanceId",
    row: [text("Status")],
    nested: [["Tags", "Tag"]],
  },
  DescribeCloudAssistantStatus: {
    outer: "InstanceCloudAssistantStatusSet",
    inner: "InstanceCloudAssistantStatus",
    id: "InstanceId",
    row: [text("CloudAssistantStatus")],
  },
} as const satisfies Partial<Record<Action, ListShape>>;

/** What an answer must contain. With less, it is neither a success nor an empty list. */
const shapes: Readonly<Record<Action, Shape>> = {
  CreateImage: { needs: [text("ImageId")] },
  ImportImage: { needs: [text("ImageId"), text("TaskId")] },
  CopyImage: { needs: [text("ImageId")] },
  ExportImage: { needs: [text("TaskId")] },
  CancelCopyImage: requestId,
  CancelTask: requestId,
  DeleteImage: requestId,
  DeleteSnapshot: requestId,
  ModifyImageAttribute: requestId,
  ModifyImageSharePermission: requestId,
  JoinResourceGroup: requestId,
  TagResources: requestId,
  UntagResources: requestId,
  DescribeImages: { list: lists.DescribeImages },
  DescribeSnapshots: { list: lists.DescribeSnapshots },
  DescribeTasks: { list: lists.DescribeTasks },
  DescribeImageSharePermission: { list: lists.DescribeImageSharePermission },
  DescribeTaskAttribute: {
    needs: [text("TaskId"), text("TaskStatus")],
    nested: [["OperationProgressSet", "OperationProgress"]],
  },
  RunInstances: { needs: [instanceId] },
  DeleteInstances: requestId,
  DescribeInstances: { list: lists.DescribeInstances },
  DescribeAvailableResource: { ...requestId, nested: [["AvailableZones", "AvailableZone"]] },
  DescribeImageSupportInstanceTypes: { ...requestId, nested: [["InstanceTypes", "InstanceType"]] },
  DescribeCloudAssistantStatus: { list: lists.DescribeCloudAssistantStatus },
  RunCommand: { needs: [text("InvokeId")] },
  DescribeInvocationResults: { needs: [invocation] },
  GetInstanceConsoleOutput: requestId,
};

/** The body of an HTTP 200, or what is wrong with it. Lists are normalized to one form. */
export function readAnswer(
  action: Action,
  received: string,
  request: object = {},
): { readonly body: object } | { readonly complaint: string } {
  let body: unknown;
  try {
    body = JSON.parse(withWholeAccounts(received));
  } catch {
    return { complaint: received === "" ? "an empty answer" : "an answer that is not JSON" };
  }
  if (!isBody(body)) return { complaint: "an answer that is not an object" };
  if (isText(body.Code) && typeof body.Message === "string")
    return { complaint: `an error in an answer of success (${body.Code})` };
  const { needs = [], list, nested = [] } = isDryRun(request) ? requestId : shapes[action];
  const complaint = firstComplaint(body, needs) ?? (list && normalizeList(body, list)) ?? normalizeNested(body, nested);
  return complaint ? { complaint: `an answer with ${complaint}` } : { body };
}

/** An account id may have more digits than a JavaScript number holds, so it becomes a string. */
const withWholeAccounts = (json: string): string => json.replace(/"ImageOwnerId"\s*:\s*(\d+)/g, '"ImageOwnerId":"$1"');

const unreadableRows = new WeakMap<object, Unreadable>();
const none: Unreadable = { ids: new Set(), nameless: 0 };

/** The rows that `readAnswer` dropped from an answer. */
export const unreadableIn = (answer: object): Unreadable => unreadableRows.get(answer) ?? none;

function firstComplaint(body: Body, checks: readonly Check[]): Complaint {
  for (const check of checks) {
    const complaint = check(body);
    if (complaint) return complaint;
  }
  return undefined;
}

/** Normalizes a list to its documented form, without the rows that cannot be read. */
function normalizeList(body: Body, list: ListShape): Complaint {
  const { outer, inner, id } = list;
  const found = rowsOf(body[outer], inner);
  if (found === undefined) return `a wrong ${outer}.${inner}`;
  // An empty list may be absent, but without a count its rows may be missing.
  if (found === "absent" && body.TotalCount !== 0) return `no ${outer}.${inner}`;
  const rows = found === "absent" ? [] : found;
  const ids = new Set<string>();
  let nameless = 0;
  const readable = rows.filter((row) => {
    if (isBody(row) && complaintAbout(row, list) === undefined) return true;
    if (isBody(row) && isText(row[id])) ids.add(row[id]);
    else nameless++;
    return false;
  });
  if (rows.length > 0 && readable.length === 0) return `no row in ${outer}.${inner} that can be read`;
  if (readable.length < rows.length) unreadableRows.set(body, { ids, nameless });
  if (!Number.isInteger(body.TotalCount)) delete body.TotalCount;
  body[outer] = { [inner]: readable };
  return undefined;
}

const complaintAbout = (row: Body, { id, row: checks = [], nested = [] }: ListShape): Complaint =>
  text(id)(row) ?? firstComplaint(row, checks) ?? normalizeNested(row, nested);

function normalizeNested(body: Body, nested: NonNullable<ListShape["nested"]>): Complaint {
  for (const [outer, inner] of nested) {
    const found = rowsOf(body[outer], inner);
    if (found === undefined || (found !== "absent" && !found.every(isBody))) return `a wrong ${outer}.${inner}`;
    if (found !== "absent") body[outer] = { [inner]: found };
  }
  return undefined;
}

/**
 * The rows of a list in any known form: `{ Image: [...] }` as documented, `{}` if a gateway has rewritten the answer, a
 * plain list of rows, or a list of `{ Task: [...] }` as on older pages. Undefined for anything else.
 */
function rowsOf(holder: unknown, inner: string): unknown[] | "absent" | undefined {
  if (holder == null) return "absent";
  if (Array.isArray(holder))
    return holder.flatMap((item: unknown) =>
      isBody(item) && Array.isArray(item[inner]) ? (item[inner] as unknown[]) : [item],
    );
  if (!isBody(holder)) return undefined;
  const rows = holder[inner];
  if (Array.isArray(rows)) return rows;
  if (rows == null) return Object.keys(holder).length === 0 ? [] : undefined;
  return isBody(rows) && Object.keys(rows).length > 0 ? [rows] : undefined;
}
