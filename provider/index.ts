export { CustomImage, type CustomImageArgs, type CustomImageDisk, type ImageFeatures } from "./resources/custom-image";
