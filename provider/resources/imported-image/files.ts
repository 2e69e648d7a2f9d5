import type { ImageRow } from "../../ecs/actions";

/** The file from which the system disk was imported; undefined if the cloud shows none. */
export function fileOf(row: ImageRow): string | undefined {
  const disks = row.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  const disk = disks.find(({ ImportOSSObject }) => ImportOSSObject);
  return disk && `oss://${disk.ImportOSSBucket ?? ""}/${disk.ImportOSSObject}`;
}
