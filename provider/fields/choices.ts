/** What a property with this name decides, and the meaning of each value. */
interface Choice {
  readonly doc: string;
  readonly values: Readonly<Record<string, string>>;
}

const support = (what: string): Choice => ({
  doc: `Whether ${what}.`,
  values: { supported: "It is.", unsupported: "It is not." },
});

/** By the name of the property, in the singular, with the values spelled as in the schema. */
export const choices: Readonly<Record<string, Choice>> = {
  protocol: {
    doc: "The protocol of calls to the cloud.",
    values: { HTTPS: "Encrypted.", HTTP: "Not encrypted; for loopback addresses only." },
  },
  owner: {
    doc: "Who owns the images.",
    values: {
      self: "Images of the account itself.",
      system: "Public images of Alibaba Cloud.",
      others: "Images that other accounts share, or publish as community images.",
      marketplace: "Images of Alibaba Cloud Marketplace.",
    },
  },
  architecture: {
    doc: "The architecture of the processor.",
    values: { i386: "32 bits, Intel and AMD.", x86_64: "64 bits, Intel and AMD.", arm64: "64 bits, Arm." },
  },
  status: {
    doc: "The status of an image.",
    values: {
      Creating: "It is being made.",
      Waiting: "It is in a queue.",
      Available: "Instances can be started from it.",
      UnAvailable: "Instances cannot be started from it.",
      CreateFailed: "It could not be made.",
      Deprecated: "It is out of date. Instances can still be started from it.",
    },
  },
  osType: { doc: "The kind of operating system.", values: { linux: "Linux.", windows: "Windows Server." } },
  usage: {
    doc: "Whether ECS instances use the image.",
    values: { instance: "At least one does.", none: "None does." },
  },
  bootMode: {
    doc: "How instances boot.",
    values: {
      BIOS: "By BIOS.",
      UEFI: "By UEFI.",
      "UEFI-Preferred": "By UEFI where the instance type has it, by BIOS elsewhere.",
    },
  },
  licenseType: {
    doc: "Where the license of the operating system comes from.",
    values: {
      Auto: "ECS decides by the operating system.",
      Aliyun: "From Alibaba Cloud.",
      BYOL: "The user brings a license.",
    },
  },
  imdsSupport: {
    doc: "How instances reach their metadata.",
    values: { v1: "With and without a token, as the instance is set.", v2: "With a token only." },
  },
  nvmeSupport: support("the operating system has a driver for NVMe disks"),
  secureBootSupport: support("the operating system boots with secure boot"),
  diskType: { doc: "What the disk holds.", values: { system: "The operating system.", data: "Anything else." } },
  detectionStrategy: {
    doc: "What the cloud checks in a new image.",
    values: { Standard: "Everything that it can check." },
  },
  systemDiskCategory: {
    doc: "The category of the disk.",
    values: {
      cloud: "Basic disk.",
      cloud_efficiency: "Ultra disk.",
      cloud_ssd: "Standard SSD.",
      cloud_essd: "Enterprise SSD.",
      cloud_auto: "Enterprise SSD whose performance adapts.",
      cloud_essd_entry: "Enterprise SSD of the entry level.",
    },
  },
  format: {
    doc: "The format of the file.",
    values: {
      RAW: "The bytes of the disk.",
      VHD: "A virtual disk of Hyper-V.",
      qcow2: "A virtual disk of QEMU.",
      VMDK: "A virtual disk of VMware.",
    },
  },
  imageFormat: {
    doc: "The format of the files.",
    values: {
      raw: "The bytes of the disk, packed by gzip and tar.",
      vhd: "A virtual disk of Hyper-V.",
      qcow2: "A virtual disk of QEMU.",
      vdi: "A virtual disk of VirtualBox.",
      vmdk: "A virtual disk of VMware.",
    },
  },
};
