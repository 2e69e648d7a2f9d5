import type { CheckFailure } from "../fields/check";
import type { Props } from "./record";

/** What the program marks as secret in the properties of one request. */
export interface Secrets {
  /** The names of properties that are secret or contain a secret. */
  readonly keys: ReadonlySet<string>;
  /** Removes all their values from a text. */
  hide(text: string): string;
}

const SECRET_TEXT = "[secret]";

export const noSecrets: Secrets = { keys: new Set(), hide: (text) => text };

/** The secrets in these properties, which may be the wanted or the recorded ones. */
export function secretsAmong(keys: ReadonlySet<string>, ...holders: readonly Props[]): Secrets {
  if (keys.size === 0) return noSecrets;
  const values = holders.flatMap((props) => [...keys].flatMap((key) => textsIn(props[key])));
  const patterns = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length).map(patternOf);
  return { keys, hide: (text) => patterns.reduce((shown, pattern) => shown.replace(pattern, SECRET_TEXT), text) };
}

/** Moves a failure away from a secret property, because older engines print the property's value beside the reason. */
export const withoutSecrets = ({ keys, hide }: Secrets, { property, reason }: CheckFailure): CheckFailure => ({
  property: keys.has(/^\w*/.exec(property)![0]) ? "" : property,
  reason: hide(reason),
});

/** Every string in a value, including keys of objects. Booleans are left out. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(textsIn)];
};

/** The forms in which a text may repeat a secret: itself, on one line, inside JSON or a URL. */
const formsOf = (secret: string): string[] =>
  [
    secret,
    secret.replace(/[\s\p{Cc}]+/gu, " ").trim(),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ].filter((form) => form !== "");

const SHORT = 4;

/**
 * The pattern of a secret. A short one is hidden only as a whole word, because inside other words it reveals nothing.
 */
const patternOf = (secret: string): RegExp => {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return secret.length > SHORT
    ? new RegExp(literal, "g")
    : new RegExp(`(?<![\\p{L}\\d])${literal}(?![\\p{L}\\d])`, "gu");
};
