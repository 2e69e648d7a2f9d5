import { roleOf } from "../values";
import { type Counterparts, idOf, isRow, type Pairs, type Row } from "./counterparts";

/** One difference between two answers to the same call. */
export interface Difference {
  /** The path of the member that differs. */
  readonly at: string;
  readonly cloud: string;
  readonly emulator: string;
  /** The id of a row that only one answer has. */
  readonly row?: string;
}

const ABSENT = "absent";

/**
 * The members in which two bodies differ. A member may be missing or have another type, word, form or count; a row may
 * be missing or in another place.
 */
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
    else if (isOtherValue(one, other, at, names)) found.push({ at, cloud: String(one), emulator: String(other) });
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
    if (isOtherOrder(pairs.both, one, other, list))
      found.push({ at: `${at}[]`, cloud: "in another order", emulator: "in its order" });
    for (const row of pairs.recorded)
      found.push({ at: `${at}[]`, cloud: "listed", emulator: ABSENT, ...rowOf(row, list) });
    for (const row of pairs.emulated)
      found.push({ at: `${at}[]`, cloud: ABSENT, emulator: "listed", ...rowOf(row, list) });
  };
  compare(recorded, emulated, "");
  if (isRow(recorded) && isRow(emulated) && typeof recorded["TotalCount"] === typeof emulated["TotalCount"]) {
    const [cloud, emulator] = [totalOf(recorded), totalOf(emulated)];
    if (cloud !== emulator) found.push({ at: "TotalCount", cloud, emulator });
  }
  return found;
}

/** Only a row with an id of its own can be reported as missing. */
const rowOf = (row: unknown, list: string): { row?: string } =>
  isRow(row) && typeof row[idOf(list)] === "string" ? { row: row[idOf(list)] as string } : {};

/** The form of a value of the API. An empty string has none of its own. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return typeof value;
  if (value === "") return "empty text";
  const [kind] = FORMS.find(([, form]) => form.test(value)) ?? ["text"];
  return kind === "id" ? `id ${value.slice(0, value.indexOf("-"))}-...` : kind;
}

const FORMS: readonly (readonly [kind: string, form: RegExp])[] = [
  ["time to the millisecond", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/],
  ["time to the second", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
  ["time to the minute", /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/],
  ["percentage", /^\d+%$/],
  ["number in text", /^\d{1,20}$/],
  ["boolean in text", /^(true|false)$/i],
  ["UUID", /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/],
  ["text in quotes", /^".*"$/s],
  ["id", /^[a-z]{1,4}-(?=[a-z]*\d)[a-z0-9]{9,}$/],
];
const TEXTS = ["empty text", "text", ...FORMS.map(([kind]) => kind)];

const isText = (kind: string) => TEXTS.includes(kind) || kind.startsWith("id ");

const isOtherKind = (one: string, other: string): boolean =>
  one !== other && !(isText(one) && isText(other) && [one, other].includes("empty text"));

/** Rows with ids must be in the same order in both. The order of tags means nothing. */
function isOtherOrder(both: Pairs["both"], recorded: readonly unknown[], emulated: readonly unknown[], list: string) {
  const named = both.filter(([row]) => list !== "Tag" && rowOf(row, list).row !== undefined);
  const inOrder = named.toSorted(([one], [other]) => recorded.indexOf(one) - recorded.indexOf(other));
  const places = inOrder.map(([, row]) => emulated.indexOf(row));
  return places.some((place, at) => at > 0 && place < places[at - 1]!);
}

/** How the total of a list compares with its rows. */
function totalOf(body: Row): string {
  const lists = Object.values(body).flatMap((value) => (isRow(value) ? Object.values(value) : [value]));
  const rows = lists.filter((value) => Array.isArray(value)).map(({ length }) => length);
  const total = Number(body["TotalCount"]);
  const most = Math.max(0, ...rows);
  return total < most ? "fewer than its rows" : total === most ? "as many as its rows" : "more than its rows";
}

function isOtherValue(one: unknown, other: unknown, at: string, names: Counterparts): boolean {
  const name = at.slice(at.lastIndexOf(".") + 1);
  if (typeof one === "boolean") return one !== other && !FOLLOWS.test(name);
  if (typeof one === "number") return ECHOED.test(name) && one !== other;
  if (typeof one !== "string" || typeof other !== "string" || one === other) return false;
  if (SENT.test(name)) return names.of(one) !== other;
  if (roleOf(at.replaceAll("[]", "")) !== "own") return false;
  return (
    one.toLowerCase() === other.toLowerCase() ||
    (!FOLLOWS.test(name) && [one, other].some((value) => kindOf(value) === "text"))
  );
}

/** Members that repeat a value of the request. */
const ECHOED = /^Page(Number|Size)$/;
/** Members that show a value as the caller sent it. */
const SENT = /^(Description|ImageName|ImageFamily|TagValue)$/;
/**
 * Members that depend on what an account holds, which a recording shows only in part. Orders of states are compared
 * elsewhere, and codes together with the status.
 */
const FOLLOWS = new RegExp(
  `^(${[
    "\\w*Status|Code",
    "Platform|OSName(En)?|OSType|Architecture|BootMode|LicenseType|LoginAsNonRootSupported",
    "(Cpu|Memory)Online\\w+|ImdsSupport|NvmeSupport",
    "LocalName|Category|\\w*InstanceType",
  ].join("|")})$`,
);
