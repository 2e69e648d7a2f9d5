import type { Action } from "../request/action";
import { assumeRole } from "./assume-role";
import { cancelCopyImage } from "./cancel-copy-image";
import { cancelTask } from "./cancel-task";
import { copyImage } from "./copy-image";
import { createImage } from "./create-image";
import { deleteImage } from "./delete-image";
import { deleteSnapshot } from "./delete-snapshot";
import { describeDisks } from "./describe-disks";
import { describeImageFromFamily } from "./describe-image-from-family";
import { describeImageSharePermission } from "./describe-image-share-permission";
import { describeImages } from "./describe-images";
import { describeInstanceAttribute } from "./describe-instance-attribute";
import { describeInstances } from "./describe-instances";
import { describeRegions } from "./describe-regions";
import { describeSnapshots } from "./describe-snapshots";
import { describeTaskAttribute } from "./describe-task-attribute";
import { describeTasks } from "./describe-tasks";
import { describeZones } from "./describe-zones";
import { exportImage } from "./export-image";
import { getCallerIdentity } from "./get-caller-identity";
import { importImage } from "./import-image";
import { joinResourceGroup } from "./join-resource-group";
import { listTagResources } from "./list-tag-resources";
import { modifyImageAttribute } from "./modify-image-attribute";
import { modifyImageSharePermission } from "./modify-image-share-permission";
import { tagResources } from "./tag-resources";
import { untagResources } from "./untag-resources";

/** Every action of ECS, by its name. */
export const ecsActions: Readonly<Record<string, Action<any>>> = {
  CancelCopyImage: cancelCopyImage,
  CancelTask: cancelTask,
  CopyImage: copyImage,
  CreateImage: createImage,
  DeleteImage: deleteImage,
  DeleteSnapshot: deleteSnapshot,
  DescribeDisks: describeDisks,
  DescribeImageFromFamily: describeImageFromFamily,
  DescribeImageSharePermission: describeImageSharePermission,
  DescribeImages: describeImages,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstances: describeInstances,
  DescribeRegions: describeRegions,
  DescribeSnapshots: describeSnapshots,
  DescribeTaskAttribute: describeTaskAttribute,
  DescribeTasks: describeTasks,
  DescribeZones: describeZones,
  ExportImage: exportImage,
  ImportImage: importImage,
  JoinResourceGroup: joinResourceGroup,
  ListTagResources: listTagResources,
  ModifyImageAttribute: modifyImageAttribute,
  ModifyImageSharePermission: modifyImageSharePermission,
  TagResources: tagResources,
  UntagResources: untagResources,
};

/** Every action of STS, by its name. */
export const stsActions: Readonly<Record<string, Action<any>>> = {
  AssumeRole: assumeRole,
  GetCallerIdentity: getCallerIdentity,
};
