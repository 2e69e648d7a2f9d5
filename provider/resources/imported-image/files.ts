import type { ImageRow } from "../../ecs/actions";

/** The file that the system disk of an image was imported from; undefined when the cloud shows none. */
export function fileOf(row: ImageRow): string | undefined {
  const disks = row.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  const disk = disks.find(({ ImportOSSObject }) => ImportOSSObject);
  return disk && `oss://${disk.ImportOSSBucket ?? ""}/${disk.ImportOSSObject}`;
}
