export type Row = Readonly<Record<string, unknown>>;
export const isRow = (value: unknown): value is Row =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Members that name something or lead to it: ids, page tokens, and the keys of exported files, which contain an image's
 * id.
 */
const NAMING = /(Id|Token|OSSObject|Value|Name|Key)$/i;

/** Which id of the recording stands for which of the emulator, as the answers to the same calls show. */
export class Counterparts {
  private readonly emulated = new Map<string, string>();
  private readonly taken = new Set<string>();

  /** The emulator's name for a name of the recording. */
  of(text: string): string {
    const own = this.emulated.get(text);
    if (own !== undefined) return own;
    let shown = text;
    for (const [recorded, emulated] of this.emulated)
      if (recorded.length > 8 && shown.includes(recorded)) shown = shown.replaceAll(recorded, emulated);
    return shown;
  }

  /** Learns names from the same places of two answers to the same call. */
  learn(recorded: unknown, emulated: unknown, name = ""): void {
    if (typeof recorded === "string" && typeof emulated === "string") {
      if (NAMING.test(name) && recorded !== "" && emulated !== "") this.bind(recorded, emulated);
    } else if (Array.isArray(recorded) && Array.isArray(emulated)) {
      for (const [one, other] of this.pairs(recorded, emulated, name).both) this.learn(one, other, name);
    } else if (isRow(recorded) && isRow(emulated)) {
      for (const [key, value] of Object.entries(recorded)) this.learn(value, emulated[key], key);
    }
  }

  /** Pairs the rows of two lists: by their ids if they have one, otherwise by their order. */
  pairs(recorded: readonly unknown[], emulated: readonly unknown[], list: string): Pairs {
    const id = idOf(list);
    const idIn = (row: unknown) => (isRow(row) && typeof row[id] === "string" ? row[id] : undefined);
    const byId = recorded.some((row) => idIn(row) !== undefined);
    const rest = new Set(emulated);
    const both: [unknown, unknown][] = [];
    const unknown: unknown[] = [];
    for (const row of recorded) {
      const other = byId ? [...rest].find((one) => idIn(one) === this.of(idIn(row) ?? "")) : undefined;
      if (other === undefined) unknown.push(row);
      else if (rest.delete(other)) both.push([row, other]);
    }
    const only: unknown[] = [];
    for (const row of unknown) {
      const isKnown = byId && this.emulated.has(idIn(row) ?? "");
      const other = isKnown ? undefined : [...rest].find((one) => !byId || !this.taken.has(idIn(one) ?? ""));
      if (other === undefined) only.push(row);
      else if (rest.delete(other)) both.push([row, other]);
    }
    return { both, recorded: only, emulated: [...rest] };
  }

  private bind(recorded: string, emulated: string): void {
    if (this.emulated.has(recorded) || this.taken.has(emulated)) return;
    this.emulated.set(recorded, emulated);
    this.taken.add(emulated);
  }
}

export interface Pairs {
  readonly both: readonly (readonly [unknown, unknown])[];
  /** Rows that are in one list only. */
  readonly recorded: readonly unknown[];
  readonly emulated: readonly unknown[];
}

/** The member that names a row: an `Image` has an `ImageId`. */
export const idOf = (list: string): string => OTHER_IDS[list] ?? `${list}Id`;

const OTHER_IDS: Readonly<Record<string, string>> = {
  Tag: "TagKey",
  Account: "AliyunId",
  RelatedItem: "Name",
  Contents: "Key",
};
