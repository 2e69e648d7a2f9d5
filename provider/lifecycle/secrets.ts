import type { CheckFailure } from "../fields/check";
import type { Props } from "./record";

/** What the program marks as secret among the properties of one request. */
export interface Secrets {
  /** The names of the properties that are secret, or hold something that is. */
  readonly keys: ReadonlySet<string>;
  /** The text without any of their values. */
  hide(text: string): string;
}

const SECRET_TEXT = "[secret]";

export const noSecrets: Secrets = { keys: new Set(), hide: (text) => text };

/** The secrets among these properties: of what is wanted, of what is recorded. */
export function secretsAmong(keys: ReadonlySet<string>, ...holders: readonly Props[]): Secrets {
  if (keys.size === 0) return noSecrets;
  const values = holders.flatMap((props) => [...keys].flatMap((key) => textsIn(props[key])));
  const patterns = [...new Set(values.flatMap(formsOf))].sort((a, b) => b.length - a.length).map(patternOf);
  return { keys, hide: (text) => patterns.reduce((shown, pattern) => shown.replace(pattern, SECRET_TEXT), text) };
}

/** On no property where the property is secret: older engines print the value beside the reason. */
export const withoutSecrets = ({ keys, hide }: Secrets, { property, reason }: CheckFailure): CheckFailure => ({
  property: keys.has(/^\w*/.exec(property)![0]) ? "" : property,
  reason: hide(reason),
});

/** Every text in a value, the keys of objects among them. Whether something is on or off is in no text. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(textsIn)];
};

/** As a text may repeat it: itself, on one line, inside JSON or a URL. */
const formsOf = (secret: string): string[] =>
  [
    secret,
    secret.replace(/[\s\p{Cc}]+/gu, " ").trim(),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
  ].filter((form) => form !== "");

const SHORT = 4;

/** Hides a short secret only as a whole word: within other words it reveals nothing. */
const patternOf = (secret: string): RegExp => {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return secret.length > SHORT
    ? new RegExp(literal, "g")
    : new RegExp(`(?<![\\p{L}\\d])${literal}(?![\\p{L}\\d])`, "gu");
};
