/** The file of a resource type in `provider/resources`: `image-copy` for `ImageCopy`. */
export const fileOf = (type: string): string => type.replace(/\B[A-Z]/g, "-$&").toLowerCase();
