import type { Code } from "../codes";
import { group, integer, list, text } from "./parameters";

/** Parameters that several actions take, and the rules that the pages give for them. */

/**
 * The name of an image or a family. The parameter tables do not mention the period, but the error table and all pages
 * of ModifyImageAttribute allow it. `http://` and spaces consist of characters that are not allowed anyway.
 */
const name = /^(?!aliyun|acs:|http:\/\/|https:\/\/)[A-Za-z\p{Script=Han}][A-Za-z0-9\p{Script=Han}.:_-]{1,127}$/iu;
export const imageName = text({ matches: name, wrong: "InvalidImageName.Malformed" });
export const imageFamily = (wrong: Code) => text({ matches: name, wrong });
/** The family of an image that is looked up. Those of public images start with `acs:`. */
export const anyImageFamily = text({
  required: true,
  matches: /^(acs:)?(?!aliyun|http:\/\/|https:\/\/)[A-Za-z\p{Script=Han}][A-Za-z0-9\p{Script=Han}.:_-]{1,127}$/iu,
  wrong: "InvalidImageFamily.Malformed",
});
export const description = text({
  length: [2, 256],
  matches: /^(?!https?:\/\/)/i,
  wrong: "InvalidDescription.Malformed",
});

/** ASCII, at most 64 characters. */
export const clientToken = text({ matches: /^[\x20-\x7e]{1,64}$/ });

export const architectures = ["i386", "x86_64", "arm64"] as const;
export const bootModes = ["BIOS", "UEFI", "UEFI-Preferred"] as const;
export const platforms = [
  "Aliyun",
  "Anolis",
  "CentOS",
  "Ubuntu",
  "CoreOS",
  "SUSE",
  "Debian",
  "OpenSUSE",
  "FreeBSD",
  "RedHat",
  "Kylin",
  "UOS",
  "Fedora",
  "Fedora CoreOS",
  "CentOS Stream",
  "AlmaLinux",
  "Rocky Linux",
  "Gentoo",
  "Customized Linux",
  "Others Linux",
  "Windows Server 2022",
  "Windows Server 2019",
  "Windows Server 2016",
  "Windows Server 2012",
  "Windows Server 2008",
  "Windows Server 2003",
] as const;

/** Tags to set. `Tag.N.key` is the older spelling, which is still accepted. */
export const tagsToSet = (tooMany: Code, missing?: Code) =>
  list(
    group({
      Key: text({
        alias: ["key"],
        required: true,
        emptyCounts: true,
        length: [1, 128],
        matches: /^(?!aliyun|acs:)(?!.*https?:\/\/)/is,
        wrong: "InvalidTagKey.Malformed",
        missing: "InvalidTagKey.Malformed",
      }),
      Value: text({
        alias: ["value"],
        emptyCounts: true,
        length: [0, 128],
        matches: /^(?!acs:)(?!.*https?:\/\/)/is,
        wrong: "InvalidTagValue.Malformed",
      }),
    }),
    20,
    { tooMany, ...(missing ? { required: true, missing } : {}) },
  );

/** Tags to search for. A key without a value matches any value. */
export const tagsToMatch = list(group({ Key: text({ alias: ["key"] }), Value: text({ alias: ["value"] }) }), 20, {
  tooMany: "InvalidTagCount",
});

export const pageNumber = integer({ range: [1, 2 ** 31 - 1], wrong: "InvalidParamter" });
/**
 * The pages say at most 100, and do not say what happens beyond that. The emulator refuses it, so that no caller relies
 * on it.
 */
export const pageSize = integer({ range: [1, 100], wrong: "InvalidParamter" });

/** A time in the format of the API: to the second, in UTC. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
