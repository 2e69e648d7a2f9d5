import { engineProgress } from "../../lifecycle/progress";
import { openSession } from "../../lifecycle/session";
import { customImage as customImageLifecycle } from "../../resources/custom-image.lifecycle";
import { imageExport as imageExportLifecycle } from "../../resources/image-export.lifecycle";
import { importedImage as importedImageLifecycle } from "../../resources/imported-image.lifecycle";
import { systemClock } from "../../wait/clock";
import { dynamicProvider } from "./provider";
import { installShutdownHooks } from "./shutdown";

/**
 * The door through which Pulumi's dynamic-provider process comes in: what `__provider` in a resource's state requires, so it is
 * always the installed version that runs, for resources made by any earlier one too. Its names are written in states: they stay.
 */
const session = openSession({ env: process.env, clock: systemClock, progress: engineProgress(process.argv.at(-1)) });
installShutdownHooks(session);

export const customImage = dynamicProvider(customImageLifecycle, session);
export const importedImage = dynamicProvider(importedImageLifecycle, session);
export const imageExport = dynamicProvider(imageExportLifecycle, session);
