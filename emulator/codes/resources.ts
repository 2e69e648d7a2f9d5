/** Instances, disks, snapshots, tags, resource groups. */
export const resourceCodes = {} as const;
