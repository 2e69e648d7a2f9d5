export type { GetState } from "./hosts/dynamic/registration";
export type {
  GetImageArgs,
  GetImageOutputArgs,
  GetImageResult,
  GetImagesArgs,
  GetImagesOutputArgs,
  GetImagesResult,
} from "./lookups/get-image";
export { getImage, getImageOutput, getImages, getImagesOutput } from "./lookups/get-image";
export type { AnyImageArgs, ImageDisk, ImageFeatures, ImageFeatureValues, ImageVersion } from "./resources/any-image";
export type { CustomImageArgs, CustomImageDisk } from "./resources/custom-image";
export { CustomImage } from "./resources/custom-image";
export type { GoldenImageArgs, GoldenImageSource } from "./resources/golden-image";
export { GoldenImage } from "./resources/golden-image";
export type { ImageCopyArgs } from "./resources/image-copy";
export { ImageCopy } from "./resources/image-copy";
export type { ExportedObject, ImageExportArgs } from "./resources/image-export";
export { ImageExport } from "./resources/image-export";
export type { ImageSharePermissionArgs } from "./resources/image-share-permission";
export { ImageSharePermission } from "./resources/image-share-permission";
export type { ImportedDisk, ImportedImageArgs, ImportedImageDisk } from "./resources/imported-image";
export { ImportedImage } from "./resources/imported-image";
