import "../../old-node/refuses";
import { createRequire } from "node:module";
import { Session } from "../../lifecycle/session";
import { customImage as customImageLifecycle } from "../../resources/custom-image/lifecycle";
import { imageCopy as imageCopyLifecycle } from "../../resources/image-copy/lifecycle";
import { imageExport as imageExportLifecycle } from "../../resources/image-export/lifecycle";
import * as imageSharePermissionResource from "../../resources/image-share-permission/lifecycle";
import { importedImage as importedImageLifecycle } from "../../resources/imported-image/lifecycle";
import { systemClock } from "../../wait/clock";
import { type EngineModules, engineProgress } from "../engine-progress";
import { dynamicProvider } from "./provider";
import { installShutdownHooks } from "./shutdown";

/**
 * The entry for Pulumi's process for dynamic providers. The `__provider` in a resource's state requires this file. So
 * the installed version runs, even for resources that an earlier version made. The names of its exports are in states,
 * so they must stay.
 */
const progress = engineProgress(process.argv.at(-1), loadEngineModules);
const session = new Session({ env: process.env, clock: systemClock, progress });
installShutdownHooks(session);

export const customImage = dynamicProvider(customImageLifecycle, session);
export const importedImage = dynamicProvider(importedImageLifecycle, session);
export const imageExport = dynamicProvider(imageExportLifecycle, session);
export const imageCopy = dynamicProvider(imageCopyLifecycle, session);
export const imageSharePermission = dynamicProvider(imageSharePermissionResource.imageSharePermission, session);

/** The process has loaded all of these already. gRPC is Pulumi's dependency, not ours. */
function loadEngineModules(): EngineModules {
  const ofPulumi = createRequire(require.resolve("@pulumi/pulumi/proto/engine_grpc_pb"));
  return { ...ofPulumi("./engine_grpc_pb"), ...ofPulumi("./engine_pb"), ...ofPulumi("@grpc/grpc-js") };
}
