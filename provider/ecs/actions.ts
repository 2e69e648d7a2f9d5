import type * as ecs from "@alicloud/ecs20140526";

/**
 * The wire form of a type of the official SDK: the same properties in the API's own casing (`imageId` is `ImageId`).
 * Only types are imported, because loading the SDK would cost every `pulumi up` some 400 ms and 60 MB.
 */
type Wire<T> = T extends readonly (infer Item)[]
  ? Wire<Item>[]
  : T extends object
    ? { [K in keyof T as T[K] extends Function ? never : K extends string ? Capitalize<K> : never]: Wire<T[K]> }
    : T;

type Call<Request, Response> = { request: Omit<Wire<Request>, "RegionId">; response: Wire<Response> };

/** Every ECS action that the provider sends. The client adds `RegionId`. */
export interface Actions {
  CreateImage: Call<ecs.CreateImageRequest, ecs.CreateImageResponseBody>;
  ImportImage: Call<ecs.ImportImageRequest, ecs.ImportImageResponseBody>;
  ExportImage: Call<ecs.ExportImageRequest, ecs.ExportImageResponseBody>;
  CopyImage: Call<ecs.CopyImageRequest, ecs.CopyImageResponseBody>;
  CancelCopyImage: Call<ecs.CancelCopyImageRequest, ecs.CancelCopyImageResponseBody>;
  CancelTask: Call<ecs.CancelTaskRequest, ecs.CancelTaskResponseBody>;
  DeleteImage: Call<ecs.DeleteImageRequest, ecs.DeleteImageResponseBody>;
  DeleteSnapshot: Call<ecs.DeleteSnapshotRequest, ecs.DeleteSnapshotResponseBody>;
  ModifyImageAttribute: Call<ecs.ModifyImageAttributeRequest, ecs.ModifyImageAttributeResponseBody>;
  ModifyImageSharePermission: Call<ecs.ModifyImageSharePermissionRequest, ecs.ModifyImageSharePermissionResponseBody>;
  JoinResourceGroup: Call<ecs.JoinResourceGroupRequest, ecs.JoinResourceGroupResponseBody>;
  TagResources: Call<ecs.TagResourcesRequest, ecs.TagResourcesResponseBody>;
  UntagResources: Call<ecs.UntagResourcesRequest, ecs.UntagResourcesResponseBody>;
  DescribeImages: Call<ecs.DescribeImagesRequest, ecs.DescribeImagesResponseBody>;
  DescribeImageSharePermission: Call<
    ecs.DescribeImageSharePermissionRequest,
    ecs.DescribeImageSharePermissionResponseBody
  >;
  DescribeSnapshots: Call<ecs.DescribeSnapshotsRequest, ecs.DescribeSnapshotsResponseBody>;
  DescribeTasks: Call<ecs.DescribeTasksRequest, ecs.DescribeTasksResponseBody>;
  DescribeTaskAttribute: Call<ecs.DescribeTaskAttributeRequest, ecs.DescribeTaskAttributeResponseBody>;
  RunInstances: Call<ecs.RunInstancesRequest, ecs.RunInstancesResponseBody>;
  DeleteInstances: Call<ecs.DeleteInstancesRequest, ecs.DeleteInstancesResponseBody>;
  DescribeInstances: Call<ecs.DescribeInstancesRequest, ecs.DescribeInstancesResponseBody>;
  DescribeAvailableResource: Call<ecs.DescribeAvailableResourceRequest, ecs.DescribeAvailableResourceResponseBody>;
  DescribeImageSupportInstanceTypes: Call<
    ecs.DescribeImageSupportInstanceTypesRequest,
    ecs.DescribeImageSupportInstanceTypesResponseBody
  >;
  DescribeCloudAssistantStatus: Call<
    ecs.DescribeCloudAssistantStatusRequest,
    ecs.DescribeCloudAssistantStatusResponseBody
  >;
  RunCommand: Call<ecs.RunCommandRequest, ecs.RunCommandResponseBody>;
  DescribeInvocationResults: Call<ecs.DescribeInvocationResultsRequest, ecs.DescribeInvocationResultsResponseBody>;
  GetInstanceConsoleOutput: Call<ecs.GetInstanceConsoleOutputRequest, ecs.GetInstanceConsoleOutputResponseBody>;
}

export type Action = keyof Actions;
export type Request<A extends Action> = Actions[A]["request"];
export type Response<A extends Action> = Actions[A]["response"];

/** What an action does, and whether it may be sent again while it is unknown whether the first request took effect. */
export interface ActionTraits {
  /** `reads` changes nothing. `creates` returns the id of something new, which is lost if the answer is lost. */
  readonly effect: "reads" | "changes" | "creates";
  readonly repeatable: "always" | "with ClientToken" | "never";
}

const reads: ActionTraits = { effect: "reads", repeatable: "always" };
const changes: ActionTraits = { effect: "changes", repeatable: "always" };

/** A new action needs a row here, one in `answers.ts` and one in `codes.ts`; the compiler asks for each. */
export const actionTraits: Readonly<Record<Action, ActionTraits>> = {
  CreateImage: { effect: "creates", repeatable: "with ClientToken" },
  ImportImage: { effect: "creates", repeatable: "with ClientToken" },
  CopyImage: { effect: "creates", repeatable: "with ClientToken" },
  // It takes no client token, so a second request starts a second export.
  ExportImage: { effect: "creates", repeatable: "never" },
  CancelCopyImage: changes,
  CancelTask: changes,
  DeleteImage: changes,
  DeleteSnapshot: changes,
  ModifyImageAttribute: changes,
  ModifyImageSharePermission: changes,
  JoinResourceGroup: changes,
  TagResources: changes,
  UntagResources: changes,
  DescribeImages: reads,
  DescribeImageSharePermission: reads,
  DescribeSnapshots: reads,
  DescribeTasks: reads,
  DescribeTaskAttribute: reads,
  RunInstances: { effect: "creates", repeatable: "with ClientToken" },
  RunCommand: { effect: "creates", repeatable: "with ClientToken" },
  DeleteInstances: changes,
  DescribeInstances: reads,
  DescribeAvailableResource: reads,
  DescribeImageSupportInstanceTypes: reads,
  DescribeCloudAssistantStatus: reads,
  DescribeInvocationResults: reads,
  GetInstanceConsoleOutput: reads,
};

/** Whether the request only asks what the cloud would answer. */
export const isDryRun = (request: object): boolean => "DryRun" in request && request.DryRun === true;

/** Whether sending the request twice has the same effect as sending it once. */
export function isRepeatable(action: Action, request: object): boolean {
  if (isDryRun(request)) return true;
  const { repeatable } = actionTraits[action];
  return (
    repeatable === "always" || (repeatable === "with ClientToken" && "ClientToken" in request && !!request.ClientToken)
  );
}

export type ImageRow = NonNullable<NonNullable<Response<"DescribeImages">["Images"]>["Image"]>[number];
export type SnapshotRow = NonNullable<NonNullable<Response<"DescribeSnapshots">["Snapshots"]>["Snapshot"]>[number];
export type TaskRow = NonNullable<NonNullable<Response<"DescribeTasks">["TaskSet"]>["Task"]>[number];
export type InstanceRow = NonNullable<NonNullable<Response<"DescribeInstances">["Instances"]>["Instance"]>[number];
export type AssistantRow = NonNullable<
  NonNullable<
    Response<"DescribeCloudAssistantStatus">["InstanceCloudAssistantStatusSet"]
  >["InstanceCloudAssistantStatus"]
>[number];
export type InvocationResult = NonNullable<
  NonNullable<NonNullable<Response<"DescribeInvocationResults">["Invocation"]>["InvocationResults"]>["InvocationResult"]
>[number];
export type SharedAccount = NonNullable<
  NonNullable<Response<"DescribeImageSharePermission">["Accounts"]>["Account"]
>[number];
export type TaskAttribute = Response<"DescribeTaskAttribute">;

/** Sends a call to ECS: one function per operation and region. */
export type Ecs = <A extends Action>(action: A, request: Request<A>) => Promise<Response<A>>;
