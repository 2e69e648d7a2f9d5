import { bucketIn, requireAccess } from "../access/role-access";
import { refusal } from "../request/api-error";
import { deviceName } from "../world/image-disk";
import type { BucketRecord, ImageDisk, ObjectRecord, World } from "../world/world";

const GIB = 2 ** 30;

/** GiB, for system and data disks alike, according to the current page. Older pages have narrower ranges. */
const SMALLEST = 1;
const LARGEST = 2048;

interface GivenFile {
  readonly OSSBucket: string;
  readonly OSSObject: string;
  readonly Format: string | undefined;
  readonly DiskImageSize: number | undefined;
  readonly DiskImSize: number | undefined;
  readonly Device: string | undefined;
}

interface Import {
  readonly files: readonly GivenFile[];
  readonly roleName: string;
  readonly regionId: string;
}

/**
 * The disks that these files become, the system disk first. Refuses the request unless ECS can read every file and each
 * fits.
 */
export function importedDisks(world: World, { files, roleName, regionId }: Import, nowMs: number): ImageDisk[] {
  const disks = files.map((file, at): ImageDisk => {
    const bucket = bucketIn(world, file.OSSBucket, regionId);
    requireAccess(world, nowMs, { purpose: "import", roleName, bucket: bucket.name, keys: [file.OSSObject] });
    const object = readableObject(bucket, file.OSSObject);
    return {
      type: at === 0 ? "system" : "data",
      device: file.Device ?? deviceName(at),
      size: sizeOf(file, object, at === 0),
      snapshotId: "",
      format: formatOf(file),
      encrypted: false,
      importBucket: bucket.name,
      importObject: object.key,
    };
  });
  if (new Set(disks.map(({ device }) => device)).size < disks.length) throw refusal("InvalidParameter.Malformed");
  return disks;
}

function readableObject({ objects }: BucketRecord, key: string): ObjectRecord {
  const object = objects.get(key);
  if (!object) throw refusal("InvalidOSSObject.NotFound");
  if (/Archive/.test(object.storageClass) && !object.restored) throw refusal("InvalidOSSObject.NotFound/archived");
  return object;
}

/** GiB: as requested, otherwise as large as the file needs. */
function sizeOf({ DiskImageSize, DiskImSize }: GivenFile, object: ObjectRecord, isSystem: boolean): number {
  const needed = Math.max(SMALLEST, Math.ceil(object.size / GIB));
  const size = DiskImageSize ?? DiskImSize ?? needed;
  if (size >= needed && size <= LARGEST) return size;
  throw isSystem
    ? refusal(
        "InvalidImageSize",
        'The specified "DiskDeviceMapping.n.DiskImageSize" should be not less than system device size.',
      )
    : refusal("InvalidDataDiskSize");
}

/**
 * "When an image is imported, the system detects the format, and what it detects holds". Detected by the file's name,
 * because there is no real content.
 */
function formatOf({ OSSObject, Format = "raw" }: GivenFile): string {
  return (/\.(raw|vhd|qcow2|vmdk)$/i.exec(OSSObject)?.[1] ?? Format).toUpperCase();
}
