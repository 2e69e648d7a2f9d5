import { action } from "../action";

export const importImage = action({ accepts: {}, answer: () => ({}) });
