import type * as ecs from "@alicloud/ecs20140526";

/**
 * The wire form of a model of the official SDK: the same properties in the API's own casing (`imageId` is `ImageId`).
 * Types only: loading the SDK itself would cost every `pulumi up` some 400 ms and 60 MB.
 */
export type Wire<T> = T extends readonly (infer Item)[]
  ? Wire<Item>[]
  : T extends object
    ? { [K in keyof T as T[K] extends Function ? never : K extends string ? Capitalize<K> : never]: Wire<T[K]> }
    : T;

type Call<Request, Response> = { request: Omit<Wire<Request>, "RegionId">; response: Wire<Response> };

/** Every ECS action that the provider sends. `RegionId` is added by the client. */
export interface Actions {
  CreateImage: Call<ecs.CreateImageRequest, ecs.CreateImageResponseBody>;
  ImportImage: Call<ecs.ImportImageRequest, ecs.ImportImageResponseBody>;
  ExportImage: Call<ecs.ExportImageRequest, ecs.ExportImageResponseBody>;
  CancelTask: Call<ecs.CancelTaskRequest, ecs.CancelTaskResponseBody>;
  DeleteImage: Call<ecs.DeleteImageRequest, ecs.DeleteImageResponseBody>;
  DeleteSnapshot: Call<ecs.DeleteSnapshotRequest, ecs.DeleteSnapshotResponseBody>;
  ModifyImageAttribute: Call<ecs.ModifyImageAttributeRequest, ecs.ModifyImageAttributeResponseBody>;
  JoinResourceGroup: Call<ecs.JoinResourceGroupRequest, ecs.JoinResourceGroupResponseBody>;
  TagResources: Call<ecs.TagResourcesRequest, ecs.TagResourcesResponseBody>;
  UntagResources: Call<ecs.UntagResourcesRequest, ecs.UntagResourcesResponseBody>;
  DescribeImages: Call<ecs.DescribeImagesRequest, ecs.DescribeImagesResponseBody>;
  DescribeSnapshots: Call<ecs.DescribeSnapshotsRequest, ecs.DescribeSnapshotsResponseBody>;
  DescribeTasks: Call<ecs.DescribeTasksRequest, ecs.DescribeTasksResponseBody>;
  DescribeTaskAttribute: Call<ecs.DescribeTaskAttributeRequest, ecs.DescribeTaskAttributeResponseBody>;
}

export type Action = keyof Actions;
export type Request<A extends Action> = Actions[A]["request"];
export type Response<A extends Action> = Actions[A]["response"];

export type ImageRow = NonNullable<NonNullable<Response<"DescribeImages">["Images"]>["Image"]>[number];
export type SnapshotRow = NonNullable<NonNullable<Response<"DescribeSnapshots">["Snapshots"]>["Snapshot"]>[number];
export type TaskRow = NonNullable<NonNullable<Response<"DescribeTasks">["TaskSet"]>["Task"]>[number];
export type TaskAttribute = Response<"DescribeTaskAttribute">;

/** How the rest of the code speaks to ECS: one function, so that a recorder or another region is another function of the same type. */
export type Ecs = <A extends Action>(action: A, request: Request<A>) => Promise<Response<A>>;
