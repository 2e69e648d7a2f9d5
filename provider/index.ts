export type {
  GetImageArgs,
  GetImageOutputArgs,
  GetImageResult,
  GetImagesArgs,
  GetImagesOutputArgs,
  GetImagesResult,
} from "./lookups/get-image";
export { getImage, getImageOutput, getImages, getImagesOutput } from "./lookups/get-image";
export type { AnyImageArgs, ImageFeatures } from "./resources/any-image";
export type { CustomImageArgs, CustomImageDisk } from "./resources/custom-image";
export { CustomImage } from "./resources/custom-image";
export type { ImageExportArgs } from "./resources/image-export";
export { ImageExport } from "./resources/image-export";
export type { ImportedImageArgs, ImportedImageDisk } from "./resources/imported-image";
export { ImportedImage } from "./resources/imported-image";
