/** CopyImage, CancelCopyImage, and the sharing of images: the error tables of their current pages. */
export const copyCodes = {
  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-copyimage
  "SourceRegion.NotFound": { status: 400, message: "The source region not found." },
  "DestinationRegion.NotFound": { status: 400, message: "The destination region not found." },
  "IncorrectImageStatus/copy": { status: 400, message: "The image not available." },
  "InvalidImageName.Duplicated/copy": { status: 400, message: "The destination image is exist." },
  "InvalidImageName.Malformed/copy": {
    status: 400,
    message: "The specified destination image name is wrongly formed.",
  },
  "InvalidDescription.Malformed/copy": {
    status: 400,
    message: "The specified destination description is wrongly formed.",
  },
  "InvalidParameter.EncryptedIllegal": {
    status: 400,
    message: "The specified parameter Encrypted must be true when kmsKeyId is not empty.",
  },
  "OperationDenied.CommunityImage": { status: 400, message: "Community image does not support copy." },
  "OperationDenied.ImageCopyConflict": {
    status: 400,
    message:
      "The same image cannot be copied concurrently. Please wait until the last copy is completed before " +
      "performing the next operation.",
  },
  "OperationDenied.ImageCopying/copy": {
    status: 403,
    message: "The image is currently being copied. Please try again later.",
  },
  RegionNotSupportCopy: { status: 403, message: "The region not support copy." },
  "OperationDeined.EncryptedSnapshot/copy": {
    status: 403,
    message: "The image contains encrypted snapshots, which do not support copying to non-encrypted ones.",
  },
  "OperationDenied.EncryptSnapshotAcrossRegion": {
    status: 403,
    message: "The image do not contain encrypted snapshots, which do not support copying to encrypted ones.",
  },
  "OperationDenied.SameRegionOnly": {
    status: 403,
    message: "The image shared from others can not be copied to another region directly.",
  },
  "OperationDenied.NotAuthorized": {
    status: 403,
    message: "The operation is denied because corresponding marketplace image is not authorized to current user.",
  },
  "InvalidParameter.KMSKeyId.NotFound": { status: 404, message: "The specified KMSKeyId does not exist." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-cancelcopyimage
  ImageCreatedNotFromCopy: {
    status: 400,
    message: "The specified image is not the target image of a copy action.",
  },
  "IncorrectImageStatus/copied": { status: 400, message: "The image copy has completed." },
  "IncorrectImageStatus/copy-failed": { status: 400, message: "The Image copy has been failed." },
  CancelNotSupported: { status: 400, message: "The specified image coping can not be cancelled." },

  // https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyimagesharepermission
  "InvalidAccount.NotFound": {
    status: 404,
    message: 'The specified account %s in parameter "AddAccount.n" or "RemoveAccount.n" does not exist.',
  },
  // Misspelt on the page.
  "InvalidAccount.Forbbiden": { status: 404, message: "The specified Account does not yourself." },
  "QuotaExceed.ShareImage": { status: 403, message: "The shared Image Quota exceeds." },
  "QuotaExceed.ShareImageUser": { status: 403, message: "The shared Image user Quota exceeds." },
  "OperationDeined.EncryptedSnapshot/share": {
    status: 403,
    message: "The image contains encrypted snapshots, which do not support share.",
  },
  "InvalidOperation.ServiceKeyEncryptedImageUnsupported": {
    status: 403,
    message:
      "The specified service key encrypted image is not supported for this operation. Please switch to a CMK " +
      "(Customer Master Key) encrypted image and retry.",
  },
  // Only older pages have it, for every image that is not Available. The newer one says nothing about an image that is
  // being made.
  "IncorrectImageStatus/share": { status: 400, message: "The image is not available." },
  "OperationDenied.InvalidImageStatus": {
    status: 403,
    message: "The specified image cannot be shared when it is deprecated.",
  },
  "Image.Public": { status: 403, message: "The specified image is public image." },
  "Image.NotPublic": { status: 403, message: "The specified image is not public image." },
  "CurrentRegion.NotSupportPublicImage": {
    status: 403,
    message: "Public image is not supported for current region.",
  },
  "InvalidParameter.IsPublic": {
    status: 403,
    message: "The specified parameter IsPublic is conflicted with other parameters.",
  },
} as const;
