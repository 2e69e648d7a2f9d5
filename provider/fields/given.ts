import type { Fields } from "./fields";
import type { ValueType } from "./rules";
import { isRecord } from "./same";

type Values = Record<string, unknown>;

/**
 * Applies `change` to every part of a value, the innermost first, along its type. What has no type of its own stays as
 * it is.
 */
function along(value: unknown, type: ValueType, change: (part: unknown, type: ValueType) => unknown): unknown {
  const within = (part: unknown, inner: ValueType | undefined) => (inner ? along(part, inner, change) : part);
  if (type.type === "array" && Array.isArray(value))
    return change(
      value.map((item) => within(item, type.items)),
      type,
    );
  if ((type.type === "map" || type.type === "object") && isRecord(value)) {
    const innerOf = (key: string) => (type.type === "map" ? type.values : type.properties[key]);
    return change(
      Object.fromEntries(Object.entries(value).map(([key, part]) => [key, within(part, innerOf(key))])),
      type,
    );
  }
  return change(value, type);
}

const inFields = (
  fields: Readonly<Record<string, { readonly accepts: { readonly type: ValueType } }>>,
  given: Values,
  change: (part: unknown, type: ValueType) => unknown,
): Values =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return [key, field ? along(value, field.accepts.type, change) : value];
    }),
  );

const dropNulls = (value: Values): Values =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));

/** A key whose value is null is left out, at every depth. A list of any values keeps its own. */
export const withoutNulls = <Args>(fields: Fields<Args>, given: Values): Values =>
  dropNulls(inFields(fields, given, (part, { type }) => (type !== "any" && isRecord(part) ? dropNulls(part) : part)));

/**
 * Numbers and booleans become text where text is expected: YAML reads `build: 42` as a number, and a number in the
 * stack's configuration even between quotes. A number beyond those that JSON holds exactly stays, for the check to
 * refuse it.
 */
export const withText = <Args>(fields: Fields<Args>, given: Values): Values =>
  inFields(fields, given, (part, { type }) => {
    const isExact = typeof part === "number" && (Number.isSafeInteger(part) || !Number.isInteger(part));
    return type === "string" && (isExact || typeof part === "boolean") ? String(part) : part;
  });
