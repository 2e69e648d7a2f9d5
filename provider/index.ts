export { CustomImage } from "./resources/custom-image";
export type { AnyImageArgs, ImageFeatures } from "./resources/any-image";
export type { CustomImageArgs, CustomImageDisk } from "./resources/custom-image";
export { ImageExport } from "./resources/image-export";
export type { ImageExportArgs } from "./resources/image-export";
export { ImportedImage } from "./resources/imported-image";
export type { ImportedImageArgs, ImportedImageDisk } from "./resources/imported-image";
