/** Images other than their creation. */
export const imageCodes = {} as const;
