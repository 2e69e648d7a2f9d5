import { action } from "../action";

export const describeTasks = action({ accepts: {}, answer: () => ({}) });
