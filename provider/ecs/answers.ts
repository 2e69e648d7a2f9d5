import type { Action } from "./actions";

type Body = Readonly<Record<string, unknown>>;
/** What keeps a body from being an answer; undefined when it can be trusted. */
type Complaint = string | undefined;

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

const text =
  (name: string) =>
  (body: Body): Complaint =>
    typeof body[name] === "string" && body[name] !== "" ? undefined : `no ${name}`;

const optionalText =
  (name: string) =>
  (body: Body): Complaint =>
    body[name] === undefined || typeof body[name] === "string" ? undefined : `a ${name} of the wrong type`;

/** A list within an object, as the API nests them: `rows("Images", "Image", ...)` is `Images.Image[]`. */
const rows =
  (outer: string, inner: string, ...checks: ((row: Body) => Complaint)[]) =>
  (body: Body): Complaint => {
    const holder = body[outer];
    const list = isBody(holder) ? holder[inner] : undefined;
    if (!Array.isArray(list)) return `no ${outer}.${inner}`;
    for (const row of list) {
      if (!isBody(row)) return `a wrong row in ${outer}.${inner}`;
      const complaint = first(row, checks);
      if (complaint) return `${complaint} in ${outer}.${inner}`;
    }
    return undefined;
  };

const optionalRows =
  (outer: string, inner: string, ...checks: ((row: Body) => Complaint)[]) =>
  (body: Body): Complaint =>
    body[outer] === undefined ? undefined : rows(outer, inner, ...checks)(body);

const count =
  (name: string) =>
  (body: Body): Complaint =>
    Number.isInteger(body[name]) ? undefined : `no ${name}`;

function first(body: Body, checks: readonly ((body: Body) => Complaint)[]): Complaint {
  for (const check of checks) {
    const complaint = check(body);
    if (complaint) return complaint;
  }
  return undefined;
}

/** What an answer must have to be believed. Less is never taken for success, nor for an empty list. */
const needed: Readonly<Record<Action, readonly ((body: Body) => Complaint)[]>> = {
  CreateImage: [text("ImageId")],
  ImportImage: [text("ImageId"), text("TaskId")],
  ExportImage: [text("TaskId")],
  CancelTask: [text("RequestId")],
  DeleteImage: [text("RequestId")],
  DeleteSnapshot: [text("RequestId")],
  ModifyImageAttribute: [text("RequestId")],
  JoinResourceGroup: [text("RequestId")],
  TagResources: [text("RequestId")],
  UntagResources: [text("RequestId")],
  DescribeImages: [
    count("TotalCount"),
    rows(
      "Images",
      "Image",
      text("ImageId"),
      text("Status"),
      optionalText("ImageName"),
      optionalText("Progress"),
      optionalRows("Tags", "Tag"),
      optionalRows("DiskDeviceMappings", "DiskDeviceMapping"),
    ),
  ],
  DescribeSnapshots: [rows("Snapshots", "Snapshot", text("SnapshotId"), optionalRows("Tags", "Tag"))],
  DescribeTasks: [rows("TaskSet", "Task", text("TaskId"), text("TaskStatus"))],
  DescribeTaskAttribute: [
    text("TaskId"),
    text("TaskStatus"),
    optionalRows("OperationProgressSet", "OperationProgress"),
  ],
};

/** The body of an HTTP 200, or what is wrong with it. */
export function readAnswer(action: Action, received: string): { readonly body: Body } | { readonly complaint: string } {
  let body: unknown;
  try {
    body = JSON.parse(received);
  } catch {
    return { complaint: received === "" ? "an empty answer" : "an answer that is not JSON" };
  }
  if (!isBody(body)) return { complaint: "an answer that is not an object" };
  if (typeof body.Code === "string" && typeof body.Message === "string")
    return { complaint: `an error in an answer of success (${body.Code})` };
  const complaint = first(body, needed[action]);
  return complaint ? { complaint: `an answer with ${complaint}` } : { body };
}
