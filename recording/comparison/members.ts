import { roleOf } from "../values";
import { type Counterparts, idOf, isRow } from "./counterparts";

/** One thing in which two answers to the same call differ. */
export interface Difference {
  /** Where: a path of members. */
  readonly at: string;
  readonly cloud: string;
  readonly emulator: string;
  /** A row that only one of them has: its id. */
  readonly row?: string;
}

const ABSENT = "absent";

/** In which members two bodies differ: those that one lacks, other types, other spellings, and rows that one lacks. */
export function differencesOf(recorded: unknown, emulated: unknown, names: Counterparts): Difference[] {
  const found: Difference[] = [];
  const compare = (one: unknown, other: unknown, at: string): void => {
    if (Array.isArray(one) && Array.isArray(other)) return compareLists(one, other, at);
    if (isRow(one) && isRow(other)) {
      for (const name of new Set([...Object.keys(one), ...Object.keys(other)]))
        compareMembers(one, other, name, at === "" ? name : `${at}.${name}`);
      return;
    }
    const [cloud, emulator] = [kindOf(one), kindOf(other)];
    if (isOtherKind(cloud, emulator)) found.push({ at, cloud, emulator });
    else if (isOtherSpelling(one, other, at)) found.push({ at, cloud: String(one), emulator: String(other) });
  };
  const compareMembers = (one: object, other: object, name: string, at: string): void => {
    const [has, hasOther] = [Object.hasOwn(one, name), Object.hasOwn(other, name)];
    const [value, otherValue] = [one[name as never], other[name as never]] as unknown[];
    if (has && hasOther) compare(value, otherValue, at);
    else found.push({ at, cloud: has ? kindOf(value) : ABSENT, emulator: hasOther ? kindOf(otherValue) : ABSENT });
  };
  const compareLists = (one: readonly unknown[], other: readonly unknown[], at: string): void => {
    const list = at.slice(at.lastIndexOf(".") + 1);
    const pairs = names.pairs(one, other, list);
    for (const [row, otherRow] of pairs.both) compare(row, otherRow, `${at}[]`);
    for (const row of pairs.recorded)
      found.push({ at: `${at}[]`, cloud: "listed", emulator: ABSENT, ...rowOf(row, list) });
    for (const row of pairs.emulated)
      found.push({ at: `${at}[]`, cloud: ABSENT, emulator: "listed", ...rowOf(row, list) });
  };
  compare(recorded, emulated, "");
  return found;
}

/** Only what has an id of its own comes and goes by itself. */
const rowOf = (row: unknown, list: string): { row?: string } =>
  isRow(row) && typeof row[idOf(list)] === "string" ? { row: row[idOf(list)] as string } : {};

/** The forms of the API's values. An empty text has none of its own. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return typeof value;
  if (value === "") return "empty text";
  const [kind] = FORMS.find(([, form]) => form.test(value)) ?? ["text"];
  return kind;
}

const FORMS: readonly (readonly [kind: string, form: RegExp])[] = [
  ["time to the second", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
  ["time to the minute", /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/],
  ["percentage", /^\d+%$/],
  ["number in text", /^\d+$/],
  ["boolean in text", /^(true|false)$/i],
];
const TEXTS = ["empty text", "text", ...FORMS.map(([kind]) => kind)];

const isOtherKind = (one: string, other: string): boolean =>
  one !== other && !(TEXTS.includes(one) && TEXTS.includes(other) && [one, other].includes("empty text"));

const isOtherSpelling = (one: unknown, other: unknown, at: string): boolean =>
  typeof one === "string" &&
  typeof other === "string" &&
  one !== other &&
  roleOf(at.replaceAll("[]", "")) === "own" &&
  one.toLowerCase() === other.toLowerCase();
