import { action } from "../action";

export const describeTaskAttribute = action({ accepts: {}, answer: () => ({}) });
