import { refusal } from "../request/api-error";

export interface GivenTag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

export const tagRows = (tags: ReadonlyMap<string, string>) => ({
  Tag: [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
});

export function tagMap(given: readonly { Key: string; Value: string | undefined }[]): Map<string, string> {
  const tags = new Map(given.map(({ Key, Value }) => [Key, Value ?? ""]));
  if (tags.size < given.length) throw refusal("Duplicate.TagKey");
  if (new Set([...tags.keys()].map((key) => key.toLowerCase())).size < tags.size) throw refusal("TagKey.Duplication");
  return tags;
}

/**
 * "When you use tags to filter resources, the resource count cannot exceed 1,000". Resources beyond that are silently
 * left out.
 */
export const foundByTag = <T>(all: readonly T[], wanted: readonly GivenTag[]): readonly T[] =>
  wanted.length > 0 ? all.slice(0, 1000) : all;

/** Whether it has all of these tags. */
export function carries(tags: ReadonlyMap<string, string>, wanted: readonly GivenTag[]): boolean {
  return wanted.every(({ Key, Value }) => {
    if (Key === undefined) throw refusal("InvalidTag.Mismatch");
    return tags.has(Key) && (Value === undefined || tags.get(Key) === Value);
  });
}
