// Generated from provider/resources by `npm run generate`.

import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource, isOfType, type Kind, options, properties, typeToken } from "./registration";

/**
 * Which image an `ImageSharePermission` shares, and with whom. The API page is
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-modifyimagesharepermission.
 */
export interface ImageSharePermissionArgs {
  /**
   * The custom image to share, which must be neither Creating nor Deprecated. A change replaces the permission: the new
   * image is shared before the old one is unshared.
   */
  imageId: pulumi.Input<string>;
  /**
   * The region of the image. Must be the id of a region, such as cn-hangzhou. Default: the configured region. A change
   * replaces the permission.
   */
  regionId?: pulumi.Input<string>;
  /**
   * The ids of the accounts. Accounts that others added stay as they are. List an account of an image in one stack
   * only: ECS does not record who shared the image, so the stack that drops the account unshares it. Must be a list of
   * 1 to 50. Default: `[]`. They change in place. Errors: InvalidAccount.NotFound, QuotaExceed.ShareImage,
   * OperationDenied.InvalidImageStatus.
   */
  accountIds?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Whether to publish the image as a community image, which every account can use. `accountIds` may then be left out.
   * Deleting the resource ends the publication. Default: `false`. It changes in place. Errors:
   * CurrentRegion.NotSupportPublicImage, OperationDeined.EncryptedSnapshot.
   */
  isPublic?: pulumi.Input<boolean>;
}

const kind: Kind = {
  type: "ImageSharePermission",
  entry: "imageSharePermission",
  outputs: ["imageId", "regionId", "accountIds", "isPublic"],
};

/**
 * The accounts with which a custom image is shared (ECS ModifyImageSharePermission). Deleting the resource unshares the
 * image from its own accounts only.
 *
 * @example
 * new ImageSharePermission("golden", { imageId: golden.id, accountIds: ["2222222222222222"] });
 */
export class ImageSharePermission extends DynamicResource {
  /** The type token. Policies recognize the class by it. */
  static readonly __pulumiType: string = typeToken(kind);

  /** The shared image. */
  declare readonly imageId: pulumi.Output<string>;
  /** The region of the image. */
  declare readonly regionId: pulumi.Output<string>;
  /** The accounts of this resource with which the image is shared. */
  declare readonly accountIds: pulumi.Output<string[]>;
  /** Whether this resource has published the image. */
  declare readonly isPublic: pulumi.Output<boolean>;

  /** Whether a value is such a resource, made by whichever copy of the package. */
  static override isInstance(value: unknown): value is ImageSharePermission {
    return isOfType(value, ImageSharePermission.__pulumiType);
  }

  /** `opts.customTimeouts` sets how long creating (20 minutes), updating (20) and deleting (20) may take. */
  constructor(name: string, args: ImageSharePermissionArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken(kind), name, properties(kind, name, args, opts), options(opts));
  }
}
