import type { Action } from "../action";
import { cancelTask } from "./cancel-task";
import { describeTaskAttribute } from "./describe-task-attribute";
import { describeTasks } from "./describe-tasks";
import { exportImage } from "./export-image";
import { importImage } from "./import-image";

/** Every action of ECS, by its name. */
export const ecsActions: Readonly<Record<string, Action<any>>> = {
  CancelTask: cancelTask,
  DescribeTaskAttribute: describeTaskAttribute,
  DescribeTasks: describeTasks,
  ExportImage: exportImage,
  ImportImage: importImage,
};

/** Every action of STS, by its name. */
export const stsActions: Readonly<Record<string, Action<any>>> = {};
