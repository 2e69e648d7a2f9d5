/**
 * What the engine sends to `check` and `diff` during a preview in place of a value that is not known yet, at any depth
 * and whatever the type (pulumi/pulumi `sdk/nodejs/runtime/rpc.ts`, `unknownValue`).
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isUnknown = (value: unknown): boolean => value === UNKNOWN;
