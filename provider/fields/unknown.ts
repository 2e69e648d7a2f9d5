/**
 * What the engine sends to `check` and `diff` in a preview instead of a value that is not known yet, at any depth and
 * for any type (pulumi/pulumi `sdk/nodejs/runtime/rpc.ts`, `unknownValue`).
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * The same for engines that know the type: one string per type (pulumi/pulumi `sdk/go/common/resource/plugin/rpc.go`).
 */
const UNKNOWNS: ReadonlySet<unknown> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // a boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // a number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // a list
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // an object
  "030794c1-ac77-496b-92df-f27374a8bd58", // an asset
  "e48ece36-62e2-4504-bad9-02848725956a", // an archive
]);

export const isUnknown = (value: unknown): boolean => UNKNOWNS.has(value);

/** Whether a value or a part of it is unknown. */
export const hasUnknown = (value: unknown): boolean =>
  isUnknown(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));

/** The same value without its unknown parts. */
export const knownPart = (value: unknown): unknown => {
  if (isUnknown(value)) return undefined;
  if (Array.isArray(value)) return value.map(knownPart);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, knownPart(held)]));
};
