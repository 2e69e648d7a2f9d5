// The rules of fields: what each accepts, and how an error describes it.

import { nearestOf } from "../nearest";
import { isRecord } from "./same";
import { isUnknown } from "./unknown";

/** A value that is not accepted: its path, what is accepted there, and what was found. */
export interface Violation {
  readonly path: string;
  readonly expects: string;
  readonly found: string;
  /** The whole sentence, if it is not "must be …, not …". */
  readonly reason?: string;
  /** True if nothing was given. */
  readonly missing?: true;
}

/** The type of a value, as in a Pulumi schema. */
export type ValueType =
  | { readonly type: "string"; readonly values?: readonly string[] }
  | { readonly type: "integer" | "boolean" | "any" }
  | { readonly type: "array"; readonly items: ValueType }
  | { readonly type: "map"; readonly values: ValueType }
  | { readonly type: "union"; readonly of: readonly ValueType[] }
  | ObjectType;

/** An object type with a name of its own in programs and in the schema. */
export interface ObjectType {
  readonly type: "object";
  readonly name: string;
  /** The name of the cloud's form of it in TypeScript programs; `name` if left out. */
  readonly outputName?: string;
  readonly doc: string;
  readonly properties: Readonly<Record<string, PropertyType>>;
  readonly required: readonly string[];
}

/** A property of an object, with its documentation. */
export type PropertyType = ValueType & {
  readonly doc: string;
  readonly expects?: string;
  readonly whenLeftOut?: string | undefined;
};

const STRING: ValueType = { type: "string" };

/** What a field accepts. `expects` completes the sentence "imageName must be …", everywhere. */
export interface Rule {
  readonly expects: string;
  readonly type: ValueType;
  violations(value: unknown, path: string): Violation[];
}

/** Unknown values pass every rule. The check is repeated once they are known. */
const rule = (
  expects: string,
  type: ValueType,
  judge: (value: unknown, path: string) => string | Violation[] | undefined,
): Rule => ({
  expects,
  type,
  violations(value, path) {
    if (isUnknown(value)) return [];
    const found = judge(value, path);
    const missing = (value === "" || value === null) && ({ missing: true } as const);
    return typeof found === "string" ? [{ path, expects, found, ...missing }] : (found ?? []);
  },
});

/** A value in the short form for error messages, on one line. */
const shown = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** Suggests a similar name for one that does not exist, or else lists all names. */
export function nearest(name: string, known: readonly string[]): string {
  const near = nearestOf(name, known);
  return near === undefined ? `; there are ${known.join(", ")}` : `; did you mean ${near}?`;
}

const lengthOf = (text: string): number => [...text].length;
const startsWithAny = (text: string, prefixes: readonly string[]) =>
  prefixes.find((prefix) => text.toLowerCase().startsWith(prefix));
const containsAny = (text: string, parts: readonly string[]) => parts.find((part) => text.toLowerCase().includes(part));

/** Free text. Error messages do not show the value, because a description may contain anything. */
export const text = (min: number, max: number, limits: { notStarting?: readonly string[] } = {}): Rule =>
  rule(
    `${min} to ${max} characters ` +
      `long${limits.notStarting ? ` and not start with ${limits.notStarting.join(" or ")}` : ""}`,
    STRING,
    (value) => {
      if (typeof value !== "string") return shown(value);
      const length = lengthOf(value);
      if (length < min || length > max) return `${length} characters`;
      const prefix = startsWithAny(value, limits.notStarting ?? []);
      return prefix && `text that starts with ${prefix}`;
    },
  );

/** A script. Error messages do not show any of it, because it may contain anything. */
export const script = (maxBytes: number): Rule =>
  rule(`a script of 1 to ${maxBytes} bytes`, STRING, (value) => {
    if (typeof value !== "string") return shown(value);
    const bytes = Buffer.byteLength(value);
    return bytes >= 1 && bytes <= maxBytes ? undefined : `one of ${bytes} bytes`;
  });

/** The letters of names: Latin, and the Chinese characters that ECS accepts, which are not the rare ones. */
export const NAME_LETTER = "A-Za-z\\u4E00-\\u9FA5";
const NAME = new RegExp(`^[${NAME_LETTER}][${NAME_LETTER}0-9.:_-]*$`, "u");

/** A name: certain characters only, starting with a letter. */
export const nameText = (min: number, max: number): Rule => {
  const reserved = ["aliyun", "acs:", "http://", "https://"];
  return rule(
    `${min} to ${max} characters long, begin with a letter (Latin or Chinese), contain only letters, digits, ` +
      "periods, colons, underscores and hyphens, and not begin with aliyun or acs:",
    STRING,
    (value) => {
      if (typeof value !== "string") return shown(value);
      const fits = lengthOf(value) >= min && lengthOf(value) <= max && NAME.test(value);
      return fits && !startsWithAny(value, reserved) ? undefined : shown(value);
    },
  );
};

/** Any string that matches a pattern. */
export const pattern = (expects: string, matches: RegExp): Rule =>
  rule(expects, STRING, (value) => (typeof value === "string" && matches.test(value) ? undefined : shown(value)));

/** The name of a RAM role; only the cloud knows whether it exists. */
export const roleName = pattern("the name of a RAM role", /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

/** The id of something in the cloud; only the cloud knows whether it exists. */
export const identifier = (what: string): Rule => pattern(`the id of ${what}`, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

export const region = pattern("the id of a region, such as cn-hangzhou", /^[a-z0-9-]+$/);

export const bucket = pattern(
  "the name of an OSS bucket: 3 to 63 lower case letters, digits and hyphens",
  /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
);

export const oneOf = (...accepted: readonly string[]): Rule =>
  rule(`one of ${accepted.join(", ")}`, { type: "string", values: accepted }, (value) => {
    if (accepted.includes(value as string)) return undefined;
    const near = typeof value === "string" ? nearestOf(value, accepted) : undefined;
    return near === undefined ? shown(value) : `${shown(value)}; did you mean ${near}?`;
  });

export const integer = (min: number, max: number, unit = ""): Rule =>
  rule(`a whole number from ${min} to ${max}${unit && ` ${unit}`}`, { type: "integer" }, (value) => {
    const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
      ? undefined
      : shown(value);
  });

export const flag: Rule = rule("true or false", { type: "boolean" }, (value) =>
  typeof value === "boolean" ? undefined : shown(value),
);

/** Whether JSON, the format of the state, can hold the value. */
const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isRecord(value) && Object.values(value).every((inner) => inner === undefined || isJson(inner));
};

export const anyList: Rule = rule(
  "a list of values that JSON can hold",
  { type: "array", items: { type: "any" } },
  (value) => {
    if (!Array.isArray(value)) return shown(value);
    const wrong = value.findIndex((one) => !isJson(one));
    return wrong < 0 ? undefined : `${shown(value[wrong])} in it`;
  },
);

export const listOf = (item: Rule, min: number, max: number): Rule =>
  rule(`a list of ${min} to ${max}`, { type: "array", items: item.type }, (value, path) => {
    if (!Array.isArray(value)) return shown(value);
    const missing = value.length < min && ({ missing: true } as const);
    const own =
      value.length < min || value.length > max
        ? [{ path, expects: `a list of ${min} to ${max}`, found: `${value.length}`, ...missing }]
        : [];
    return [...own, ...value.flatMap((one, i) => item.violations(one, `${path}[${i}]`))];
  });

/** A property of a `shape`: its rule, its documentation, and what leaving it out means. */
export interface Part {
  readonly accepts: Rule;
  readonly doc: string;
  readonly whenLeftOut?: string | undefined;
}

const objectType = (about: About, keys: Readonly<Record<string, Part>>, required: readonly string[]): ObjectType => ({
  type: "object",
  ...about,
  properties: Object.fromEntries(
    Object.entries(keys).map(([key, { accepts, doc, whenLeftOut }]) => [
      key,
      { ...accepts.type, doc, expects: accepts.expects, whenLeftOut },
    ]),
  ),
  required,
});

type About = Pick<ObjectType, "name" | "outputName" | "doc">;

/** An object with exactly these keys; those in `required` must be there. */
export const shape = (about: About, keys: Readonly<Record<string, Part>>, required: readonly string[] = []): Rule =>
  rule(`an object of ${Object.keys(keys).join(", ")}`, objectType(about, keys, required), (value, path) => {
    if (!isRecord(value)) return shown(value);
    return [
      ...Object.keys(value)
        .filter((key) => !Object.hasOwn(keys, key))
        .map((key) => ({
          path: `${path}.${key}`,
          expects: "",
          found: "",
          reason: `there is no key ${key}${nearest(key, Object.keys(keys))}`,
        })),
      ...Object.entries(keys).flatMap(([key, { accepts }]) =>
        value[key] === undefined
          ? required.includes(key)
            ? [{ path: `${path}.${key}`, expects: accepts.expects, found: "nothing", missing: true as const }]
            : []
          : accepts.violations(value[key], `${path}.${key}`),
      ),
    ];
  });

/** An object with arbitrary keys that match a rule, and values of one kind. */
export const mapOf = (key: Rule, item: Rule): Rule =>
  rule(`an object whose keys are each ${key.expects}`, { type: "map", values: item.type }, (value, path) => {
    if (!isRecord(value)) return shown(value);
    return Object.entries(value).flatMap(([name, one]) => [
      ...key.violations(name, `${path}.${name}`),
      ...item.violations(one, `${path}.${name}`),
    ]);
  });

const URL_PARTS = ["http://", "https://"];

/** One value, or a list of such values. */
export const oneOrMore = (one: Rule): Rule =>
  rule(
    `${one.expects}, or a list of these`,
    { type: "union", of: [one.type, { type: "array", items: one.type }] },
    (value, path) =>
      Array.isArray(value)
        ? value.flatMap((each, i) => one.violations(each, `${path}[${i}]`))
        : one.violations(value, path),
  );

/** User tags. `max` leaves room for the package's own tags. Error messages do not show values. */
export const tags = (max: number, reserved: string): Rule =>
  rule(`an object of at most ${max} tags`, { type: "map", values: STRING }, (value, path) => {
    if (!isRecord(value)) return shown(value);
    const keys = Object.keys(value);
    const tooMany = `at most ${max} tags (of the 20 that an image may carry, the package needs ${20 - max})`;
    return [
      ...(keys.length > max ? [{ path, expects: tooMany, found: `${keys.length}` }] : []),
      ...keys.flatMap((key, at) => keyViolations(key, keys.slice(0, at), reserved, `${path}[${JSON.stringify(key)}]`)),
      ...Object.entries(value).flatMap(([key, tag]) => valueViolations(tag, `${path}[${JSON.stringify(key)}]`)),
    ];
  });

function keyViolations(key: string, earlier: readonly string[], reserved: string, path: string): Violation[] {
  const expects =
    `a tag key of 1 to 128 characters that does not begin with aliyun, acs: or ${reserved} and ` +
    "contains no http:// or https://";
  const length = lengthOf(key);
  const fits = length >= 1 && length <= 128 && !startsWithAny(key, ["aliyun", "acs:", reserved]);
  if (!fits || containsAny(key, URL_PARTS)) return [{ path, expects, found: shown(key) }];
  const duplicate = earlier.find((other) => other.toLowerCase() === key.toLowerCase());
  if (duplicate === undefined) return [];
  return [
    {
      path,
      expects: "different from the other tag keys in more than upper and lower case",
      found: "",
      reason: `${path} and the tag key ${duplicate} differ in upper and lower case only; ECS takes them for one key`,
    },
  ];
}

function valueViolations(value: unknown, path: string): Violation[] {
  const expects =
    "a tag value: text of at most 128 characters that does not begin with acs: and contains no http:// or https://";
  if (isUnknown(value)) return [];
  if (typeof value !== "string") return [{ path, expects, found: shown(value) }];
  const wrong =
    lengthOf(value) > 128
      ? `text of ${lengthOf(value)} characters`
      : startsWithAny(value, ["acs:"])
        ? "text that begins with acs:"
        : containsAny(value, URL_PARTS) && "text with an address in it";
  return wrong ? [{ path, expects, found: wrong }] : [];
}
