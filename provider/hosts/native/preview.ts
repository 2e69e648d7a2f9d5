import { type Fields, keysOf, type OutputFields } from "../../fields/fields";
import { UNKNOWN } from "../../fields/unknown";
import type { Props } from "./values";

/** The outputs that a preview knows already. Resources that depend on this one see them. */
export interface Preview {
  created(inputs: Props): Props;
  updated(id: string, olds: Props, news: Props, changed: readonly string[]): Props;
}

export function previewOf<Args, State>(
  fields: Fields<Args>,
  outputs: OutputFields<State, Args>,
  defaultRegion: () => string | undefined,
): Preview {
  const unknown = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
  const defaults = () => ({
    ...Object.fromEntries(
      keysOf(fields).flatMap((key) => ("default" in fields[key] ? [[key, fields[key].default]] : [])),
    ),
    ...("regionId" in fields && { regionId: defaultRegion() ?? UNKNOWN }),
  });
  const given = (inputs: Props) =>
    Object.fromEntries(Object.entries(inputs).filter(([key, value]) => value != null && !key.startsWith("__")));

  return {
    created: (inputs) => ({
      ...unknown([...keysOf(fields), ...Object.keys(outputs)]),
      ...defaults(),
      ...given(inputs),
    }),
    updated(id, olds, news, changed) {
      // For an unfinished resource only the id is certain. Of all arguments, only `deprecated` changes another output.
      const isUnfinished = changed.includes("status");
      const open = Object.keys(outputs).filter(
        (key) => (isUnfinished && olds[key] !== id) || (key === "status" && changed.includes("deprecated")),
      );
      return { ...olds, ...given(news), ...unknown(open) };
    },
  };
}
