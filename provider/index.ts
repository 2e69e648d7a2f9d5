import "./old-node/refuses";

export type {
  AnyImageArgs,
  ImageDetection,
  ImageDetectionItem,
  ImageDisk,
  ImageFeatures,
  ImageFeatureValues,
  ImageTest,
  ImageTestResult,
  ImageTestValues,
  ImageVersion,
} from "./program/any-image";
export type {
  CustomImageArgs,
  CustomImageDisk,
  CustomImageProperties,
  CustomImageSource,
} from "./program/custom-image";
export { CustomImage } from "./program/custom-image";
export type {
  GetImageArgs,
  GetImageOutputArgs,
  GetImageResult,
  GetImagesArgs,
  GetImagesOutputArgs,
  GetImagesResult,
} from "./program/get-image";
export { getImage, getImageOutput, getImages, getImagesOutput } from "./program/get-image";
export { GoldenImage } from "./program/golden-image";
export type { GoldenImageArgs, GoldenImageSource, ImageCopyTest } from "./program/golden-image-args";
export type { ImageCopyArgs } from "./program/image-copy";
export { ImageCopy } from "./program/image-copy";
export type { ExportedObject, ImageExportArgs } from "./program/image-export";
export { ImageExport } from "./program/image-export";
export type { ImageSharePermissionArgs } from "./program/image-share-permission";
export { ImageSharePermission } from "./program/image-share-permission";
export type { ImportedDisk, ImportedImageArgs, ImportedImageDisk } from "./program/imported-image";
export { ImportedImage } from "./program/imported-image";
export type { GetState } from "./program/registration";
