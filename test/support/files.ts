/**
 * The name of a resource type in files, `image-copy` for `ImageCopy`: its folder in `provider/resources` and its class
 * file in `provider/program`.
 */
export const fileOf = (type: string): string => type.replace(/\B[A-Z]/g, "-$&").toLowerCase();
