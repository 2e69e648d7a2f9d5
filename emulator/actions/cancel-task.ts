import { action } from "../action";

export const cancelTask = action({ accepts: {}, answer: () => ({}) });
