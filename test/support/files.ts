/**
 * The folder of a resource type in `provider/resources`, and the name of its class file in `provider/program`:
 * `image-copy` for `ImageCopy`.
 */
export const fileOf = (type: string): string => type.replace(/\B[A-Z]/g, "-$&").toLowerCase();
