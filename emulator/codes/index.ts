import { commonCodes } from "./common";
import { copyCodes } from "./copies";
import { createImageCodes } from "./create-image";
import { imageCodes } from "./images";
import { instanceCodes } from "./instances";
import { resourceCodes } from "./resources";
import { taskCodes } from "./tasks";

/**
 * Every error that ECS and STS answer with: name → HTTP status and documented message.
 * A name is the code; where the documentation gives one code several messages, `/reading` distinguishes them and is not
 * sent.
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
