export { CustomImage } from "./resources/custom-image";
export type { CustomImageArgs, CustomImageDisk, ImageFeatures } from "./resources/custom-image";
export { ImageExport } from "./resources/image-export";
export type { ImageExportArgs } from "./resources/image-export";
export { ImportedImage } from "./resources/imported-image";
export type { ImportedImageArgs, ImportedImageDisk } from "./resources/imported-image";
