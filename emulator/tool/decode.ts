/** Reads one value of a JSON file. Errors are added to `problems`, each with its path: `instances[0].disks[1].size`. */
export type Decode<T> = (value: unknown, path: string, problems: string[]) => T;

type Decoded<D> = D extends Decode<infer T> ? T : never;

const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : typeof value;

function wrong<T>(path: string, problems: string[], wanted: string, value: unknown): T {
  const given = ["string", "number", "boolean"].includes(typeof value) ? JSON.stringify(value) : kindOf(value);
  problems.push(value === undefined ? `${path} is missing: ${wanted}` : `${path} must be ${wanted}, not ${given}`);
  return undefined as T;
}

export const textOf =
  (wanted = "a string", fits: (text: string) => boolean = (text) => text !== ""): Decode<string> =>
  (value, path, problems) =>
    typeof value === "string" && fits(value) ? value : wrong(path, problems, wanted, value);

export const oneOf = <const T extends string>(...values: readonly T[]): Decode<T> =>
  textOf(`one of ${values.join(", ")}`, (text) => (values as readonly string[]).includes(text)) as Decode<T>;

export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER): Decode<number> =>
  (value, path, problems) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? (value as number)
      : wrong(
          path,
          problems,
          `a whole number${most < Number.MAX_SAFE_INTEGER ? ` from ${least} to ${most}` : ""}`,
          value,
        );

export const flagOf: Decode<boolean> = (value, path, problems) =>
  typeof value === "boolean" ? value : wrong(path, problems, "true or false", value);

/** Without a value, the result is `otherwise`. */
export const optional =
  <T, const O>(decode: Decode<T>, otherwise: O): Decode<T | O> =>
  (value, path, problems) =>
    value === undefined ? otherwise : decode(value, path, problems);

export const listOf =
  <T>(of: Decode<T>): Decode<T[]> =>
  (value, path, problems) =>
    Array.isArray(value)
      ? value.map((item, at) => of(item, `${path}[${at}]`, problems))
      : wrong(path, problems, "a list", value);

export const mapOf =
  <T>(of: Decode<T>): Decode<Map<string, T>> =>
  (value, path, problems) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value).map(([name, item]) => [name, of(item, `${path}.${name}`, problems)]))
      : wrong(path, problems, "an object", value);

/** An object with these members and no others. */
export const objectOf =
  <const F extends Record<string, Decode<unknown>>>(fields: F): Decode<{ [K in keyof F]: Decoded<F[K]> }> =>
  (value, path, problems) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return wrong(path || "the file", problems, "an object", value);
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name))
        problems.push(`${at(name)} is not known here: there are ${Object.keys(fields).join(", ")}`);
    }
    return Object.fromEntries(
      Object.entries(fields).map(([name, decode]) => [
        name,
        decode((value as Record<string, unknown>)[name], at(name), problems),
      ]),
    ) as { [K in keyof F]: Decoded<F[K]> };
  };
