import type { CheckFailure } from "../fields/check";
import type { Fields } from "../fields/fields";
import { isRecord } from "../fields/same";
import { isUnknown } from "../fields/unknown";
import type { Props } from "./record";

const KEY = "alicloud-image:defaultTags";

/**
 * Adds the configured tags to the inputs of a resource that takes tags. The resource's own tags win. Default tags
 * behave like any others (they change in place and count for limits), because they are inputs.
 */
export function withDefaultTags<Args>(
  fields: Fields<Args>,
  inputs: Props,
  configured: string | undefined,
): { readonly inputs: Props; readonly failures: CheckFailure[] } {
  const field = (fields as Readonly<Record<string, Fields<Args>[keyof Required<Args> & string] | undefined>>)["tags"];
  if (configured === undefined || configured.trim() === "" || field === undefined) return { inputs, failures: [] };
  const defaults = objectIn(configured);
  const wrong = defaults === undefined ? [] : field.accepts.violations(defaults, KEY);
  if (defaults === undefined || wrong.length > 0) {
    const [first] = wrong;
    const why =
      first === undefined ? "" : `: ${first.reason ?? `${first.path} must be ${first.expects}, not ${first.found}`}`;
    return {
      inputs,
      failures: [{ property: "", reason: `${KEY} must be a JSON object of tags, such as {"team": "platform"}${why}` }],
    };
  }
  const own = inputs["tags"];
  if (isUnknown(own) || (own != null && !isRecord(own))) return { inputs, failures: [] };
  return { inputs: { ...inputs, tags: { ...defaults, ...(own as Props | undefined | null) } }, failures: [] };
}

function objectIn(json: string): Props | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
