import type { Action } from "../request/action";
import { assumeRole } from "./assume-role";
import { cancelCopyImage } from "./cancel-copy-image";
import { cancelTask } from "./cancel-task";
import { copyImage } from "./copy-image";
import { createImage } from "./create-image";
import { deleteImage } from "./delete-image";
import { deleteInstance, deleteInstances } from "./delete-instances";
import { deleteSnapshot } from "./delete-snapshot";
import { describeAvailableResource } from "./describe-available-resource";
import { describeCloudAssistantStatus } from "./describe-cloud-assistant-status";
import { describeDisks } from "./describe-disks";
import { describeImageFromFamily } from "./describe-image-from-family";
import { describeImageSharePermission } from "./describe-image-share-permission";
import { describeImageSupportInstanceTypes } from "./describe-image-support-instance-types";
import { describeImages } from "./describe-images";
import { describeInstanceAttribute } from "./describe-instance-attribute";
import { describeInstances } from "./describe-instances";
import { describeInvocationResults, describeInvocations } from "./describe-invocations";
import { describeRegions } from "./describe-regions";
import { describeSnapshots } from "./describe-snapshots";
import { describeTaskAttribute } from "./describe-task-attribute";
import { describeTasks } from "./describe-tasks";
import { describeZones } from "./describe-zones";
import { exportImage } from "./export-image";
import { getCallerIdentity } from "./get-caller-identity";
import { getInstanceConsoleOutput } from "./get-instance-console-output";
import { importImage } from "./import-image";
import { joinResourceGroup } from "./join-resource-group";
import { listTagResources } from "./list-tag-resources";
import { modifyImageAttribute } from "./modify-image-attribute";
import { modifyImageSharePermission } from "./modify-image-share-permission";
import { runCommand } from "./run-command";
import { runInstances } from "./run-instances";
import { tagResources } from "./tag-resources";
import { untagResources } from "./untag-resources";

/** Every action of ECS, by its name. */
export const ecsActions: Readonly<Record<string, Action<any>>> = {
  CancelCopyImage: cancelCopyImage,
  CancelTask: cancelTask,
  CopyImage: copyImage,
  CreateImage: createImage,
  DeleteImage: deleteImage,
  DeleteInstance: deleteInstance,
  DeleteInstances: deleteInstances,
  DeleteSnapshot: deleteSnapshot,
  DescribeAvailableResource: describeAvailableResource,
  DescribeCloudAssistantStatus: describeCloudAssistantStatus,
  DescribeDisks: describeDisks,
  DescribeImageFromFamily: describeImageFromFamily,
  DescribeImageSharePermission: describeImageSharePermission,
  DescribeImageSupportInstanceTypes: describeImageSupportInstanceTypes,
  DescribeImages: describeImages,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstances: describeInstances,
  DescribeInvocationResults: describeInvocationResults,
  DescribeInvocations: describeInvocations,
  DescribeRegions: describeRegions,
  DescribeSnapshots: describeSnapshots,
  DescribeTaskAttribute: describeTaskAttribute,
  DescribeTasks: describeTasks,
  DescribeZones: describeZones,
  ExportImage: exportImage,
  GetInstanceConsoleOutput: getInstanceConsoleOutput,
  ImportImage: importImage,
  JoinResourceGroup: joinResourceGroup,
  ListTagResources: listTagResources,
  ModifyImageAttribute: modifyImageAttribute,
  ModifyImageSharePermission: modifyImageSharePermission,
  RunCommand: runCommand,
  RunInstances: runInstances,
  TagResources: tagResources,
  UntagResources: untagResources,
};

/** Every action of STS, by its name. */
export const stsActions: Readonly<Record<string, Action<any>>> = {
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
};
