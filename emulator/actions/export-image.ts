import { action } from "../action";

export const exportImage = action({ accepts: {}, answer: () => ({}) });
