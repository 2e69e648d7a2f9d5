/** ImportImage, ExportImage and their tasks. */
export const taskCodes = {} as const;
