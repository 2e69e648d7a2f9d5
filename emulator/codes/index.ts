import { commonCodes } from "./common";
import { copyCodes } from "./copies";
import { createImageCodes } from "./create-image";
import { imageCodes } from "./images";
import { instanceCodes } from "./instances";
import { resourceCodes } from "./resources";
import { taskCodes } from "./tasks";

/**
 * Every error of ECS and STS: name → HTTP status and documented message. A name is the code. Where the documentation
 * gives one code several messages, a suffix such as `/copy` distinguishes them; the suffix is not sent.
 */
export const codes = {
  ...commonCodes,
  ...copyCodes,
  ...imageCodes,
  ...instanceCodes,
  ...resourceCodes,
  ...createImageCodes,
  ...taskCodes,
} as const;

export type Code = keyof typeof codes;
