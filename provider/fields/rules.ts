import { isRecord } from "./same";
import { isUnknown } from "./unknown";

/** A value that is not accepted: where it stands, what is accepted there, and what was found instead. */
export interface Violation {
  readonly path: string;
  readonly expects: string;
  readonly found: string;
}

/** What a field accepts. `expects` completes the sentence "imageName must be …", and is the one wording for it. */
export interface Rule {
  readonly expects: string;
  violations(value: unknown, path: string): Violation[];
}

/** Values that are not known yet pass every rule: the same rule sees them again once they are. */
const rule = (expects: string, judge: (value: unknown, path: string) => string | Violation[] | undefined): Rule => ({
  expects,
  violations(value, path) {
    if (isUnknown(value)) return [];
    const found = judge(value, path);
    return typeof found === "string" ? [{ path, expects, found }] : (found ?? []);
  },
});

/** A value as an error text may show it: short, on one line. */
const shown = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const lengthOf = (text: string): number => [...text].length;
const startsWithAny = (text: string, prefixes: readonly string[]) =>
  prefixes.find((prefix) => text.toLowerCase().startsWith(prefix));
const containsAny = (text: string, parts: readonly string[]) => parts.find((part) => text.toLowerCase().includes(part));

/** Free text. Its value is never shown, only what is wrong with it: a description may hold anything. */
export const text = (min: number, max: number, limits: { notStarting?: readonly string[] } = {}): Rule =>
  rule(
    `${min} to ${max} characters long${limits.notStarting ? ` and not start with ${limits.notStarting.join(" or ")}` : ""}`,
    (value) => {
      if (typeof value !== "string") return shown(value);
      const length = lengthOf(value);
      if (length < min || length > max) return `${length} characters`;
      const prefix = startsWithAny(value, limits.notStarting ?? []);
      return prefix && `text that starts with ${prefix}`;
    },
  );

/** A name: made of certain characters only, beginning with a letter (a Chinese one too). */
export const nameText = (min: number, max: number): Rule => {
  const reserved = ["aliyun", "acs:", "http://", "https://"];
  return rule(
    `${min} to ${max} characters long, begin with a letter (Latin or Chinese), hold only letters, digits, periods, colons, underscores and hyphens, and not begin with aliyun or acs:`,
    (value) => {
      if (typeof value !== "string") return shown(value);
      const fits =
        lengthOf(value) >= min &&
        lengthOf(value) <= max &&
        /^[A-Za-z\p{Script=Han}][A-Za-z0-9\p{Script=Han}.:_-]*$/u.test(value);
      return fits && !startsWithAny(value, reserved) ? undefined : shown(value);
    },
  );
};

/** Anything that matches a pattern, worded by hand. */
export const pattern = (expects: string, matches: RegExp): Rule =>
  rule(expects, (value) => (typeof value === "string" && matches.test(value) ? undefined : shown(value)));

/** The id of another thing; whether that thing exists, only the cloud can tell. */
export const identifier = (what: string): Rule => pattern(`the id of ${what}`, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);

export const oneOf = (...accepted: readonly string[]): Rule =>
  rule(`one of ${accepted.join(", ")}`, (value) => (accepted.includes(value as string) ? undefined : shown(value)));

export const integer = (min: number, max: number, unit = ""): Rule =>
  rule(`a whole number from ${min} to ${max}${unit && ` ${unit}`}`, (value) => {
    const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
      ? undefined
      : shown(value);
  });

export const flag: Rule = rule("true or false", (value) => (typeof value === "boolean" ? undefined : shown(value)));

export const anyList: Rule = rule("a list", (value) => (Array.isArray(value) ? undefined : shown(value)));

export const listOf = (item: Rule, min: number, max: number): Rule =>
  rule(`a list of ${min} to ${max}`, (value, path) => {
    if (!Array.isArray(value)) return shown(value);
    const own =
      value.length < min || value.length > max
        ? [{ path, expects: `a list of ${min} to ${max}`, found: `${value.length}` }]
        : [];
    return [...own, ...value.flatMap((one, i) => item.violations(one, `${path}[${i}]`))];
  });

/** An object with exactly these keys; those in `required` must be there. */
export const shape = (keys: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule =>
  rule(`an object of ${Object.keys(keys).join(", ")}`, (value, path) => {
    if (!isRecord(value)) return shown(value);
    return [
      ...Object.keys(value)
        .filter((key) => !Object.hasOwn(keys, key))
        .map((key) => ({
          path: `${path}.${key}`,
          expects: `left out: there is no such key (there are ${Object.keys(keys).join(", ")})`,
          found: "given",
        })),
      ...Object.entries(keys).flatMap(([key, accepts]) =>
        value[key] === undefined
          ? required.includes(key)
            ? [{ path: `${path}.${key}`, expects: accepts.expects, found: "nothing" }]
            : []
          : accepts.violations(value[key], `${path}.${key}`),
      ),
    ];
  });

/** User tags. `max` leaves room for the tags that the package itself needs. Values are not shown. */
export const tags = (max: number, reserved: string): Rule =>
  rule(`an object of at most ${max} tags`, (value, path) => {
    if (!isRecord(value)) return shown(value);
    const keyLimits = `a tag key of 1 to 128 characters that does not begin with aliyun, acs: or ${reserved} and holds no http:// or https://`;
    const valueLimits =
      "a tag value: text of at most 128 characters that does not begin with acs: and holds no http:// or https://";
    const count = Object.keys(value).length;
    return [
      ...(count > max
        ? [
            {
              path,
              expects: `at most ${max} tags (of the 20 that an image may carry, the package needs ${20 - max})`,
              found: `${count}`,
            },
          ]
        : []),
      ...Object.entries(value).flatMap(([key, held]) => {
        const at = `${path}[${JSON.stringify(key)}]`;
        const keyFits =
          lengthOf(key) >= 1 &&
          lengthOf(key) <= 128 &&
          !startsWithAny(key, ["aliyun", "acs:", reserved]) &&
          !containsAny(key, ["http://", "https://"]);
        const heldFits =
          isUnknown(held) ||
          (typeof held === "string" &&
            lengthOf(held) <= 128 &&
            !startsWithAny(held, ["acs:"]) &&
            !containsAny(held, ["http://", "https://"]));
        return [
          ...(keyFits ? [] : [{ path: at, expects: keyLimits, found: shown(key) }]),
          ...(heldFits
            ? []
            : [
                {
                  path: at,
                  expects: valueLimits,
                  found: typeof held === "string" ? `${lengthOf(held)} characters, or one of those` : shown(held),
                },
              ]),
        ];
      }),
    ];
  });
