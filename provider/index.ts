export { CustomImage, type CustomImageArgs, type CustomImageDisk, type ImageFeatures } from "./resources/custom-image";
export { ImportedImage, type ImportedImageArgs, type ImportedImageDisk } from "./resources/imported-image";
export { ImageExport, type ImageExportArgs } from "./resources/image-export";
