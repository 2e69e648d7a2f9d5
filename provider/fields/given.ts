import type { Fields } from "./fields";
import type { ValueType } from "./rules";
import { isRecord } from "./same";

type Values = Record<string, unknown>;

/**
 * Applies `change` to every part of a value, the innermost first, guided by its type. Values without a type of their
 * own stay as they are.
 */
function mapByType(value: unknown, type: ValueType, change: (part: unknown, type: ValueType) => unknown): unknown {
  const within = (part: unknown, inner: ValueType | undefined) => (inner ? mapByType(part, inner, change) : part);
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

const mapFields = (
  fields: Readonly<Record<string, { readonly accepts: { readonly type: ValueType } }>>,
  given: Values,
  change: (part: unknown, type: ValueType) => unknown,
): Values =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return [key, field ? mapByType(value, field.accepts.type, change) : value];
    }),
  );

const dropNulls = (value: Values): Values =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));

/** Leaves out keys whose value is null, at every depth. A list of arbitrary values keeps its nulls. */
export const withoutNulls = <Args>(fields: Fields<Args>, given: Values): Values =>
  dropNulls(mapFields(fields, given, (part, { type }) => (type !== "any" && isRecord(part) ? dropNulls(part) : part)));

/**
 * Turns numbers and booleans into strings where a string is expected. YAML reads `build: 42` as a number, and in the
 * stack's configuration even a quoted number. A number too large for JSON stays a number, so that the check refuses it.
 */
export const withText = <Args>(fields: Fields<Args>, given: Values): Values =>
  mapFields(fields, given, (part, { type }) => {
    const isExact = typeof part === "number" && (Number.isSafeInteger(part) || !Number.isInteger(part));
    return type === "string" && (isExact || typeof part === "boolean") ? String(part) : part;
  });
