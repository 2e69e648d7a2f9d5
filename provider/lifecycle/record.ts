import { Failure } from "../failure";
import { type Fields, keysOf } from "../fields/fields";
import { withoutNulls } from "../fields/given";

/**
 * What the state has of a resource besides its arguments and outputs. It is one hidden property: Pulumi's displays
 * leave out names that start with two underscores.
 */
export interface Record {
  /** The format of this object. A release that changes it can read the older ones. */
  readonly version: 1;
  readonly urn: string;
  /** The creation that this record belongs to. The image's owner tag has the same id. */
  readonly creationId?: string;
  /** The identity of the resource and the regions of its versions; see `lineage.ts`. */
  readonly lineage?: string;
  /** When the creation began, in UTC. Lists may not show a young resource yet. */
  readonly since?: string;
  /** How long the creation took, in milliseconds; absent if an interruption makes that unknown. */
  readonly tookMs?: number | undefined;
  /**
   * How the resource was adopted, if it existed before. `unclaimed`: `pulumi import` adopted it, which only calls
   * `Read`. That writes nothing, so the cloud does not show the adoption yet. `read`: the engine's own option `import`
   * recorded it before the provider could refuse. It does not belong to the stack until an update has adopted it.
   */
  readonly adopted?: "claimed" | "unclaimed" | "read" | undefined;
  /** The arguments that the program gave. A refresh returns them as inputs, with the values in the cloud. */
  readonly given: readonly string[];
  /**
   * True if an update found that it can never become ready. The next `up` replaces it, unless a refresh finds that it
   * is ready.
   */
  readonly failed?: true;
}

export const RECORD = "__record";

export type Props = globalThis.Record<string, unknown>;

/** The format that this release writes, and the newest one that it reads. */
const VERSION = 1;

/**
 * The record in a resource's state; undefined for what was only read with `get`. Fails if a later release wrote it in
 * another format.
 */
export function recordIn(props: Props): Record | undefined {
  const value = props[RECORD] as Partial<Record> | undefined;
  if (typeof value?.urn !== "string") return undefined;
  if (Number(value.version ?? VERSION) > VERSION) throw tooNew(value.urn, value.version);
  return {
    version: VERSION,
    urn: value.urn,
    given: Array.isArray(value.given) ? value.given : [],
    ...(typeof value.creationId === "string" && { creationId: value.creationId }),
    ...(typeof value.lineage === "string" && { lineage: value.lineage }),
    ...(typeof value.since === "string" && { since: value.since }),
    ...(typeof value.tookMs === "number" && { tookMs: value.tookMs }),
    ...(value.failed === true && { failed: true }),
    adopted: value.adopted,
  };
}

/** In another format, the values may mean something else: whose an image is, and what may be deleted. */
function tooNew(urn: string, version: unknown): Failure {
  const error = new Failure(
    "Invalid",
    `a later release of pulumi-alicloud-image wrote the state of ${urn} (format ${String(version)}; this release ` +
      `reads ${VERSION}). Nothing was changed. Install that release, or a later one`,
  );
  error.stack = ""; // the host of dynamic providers prints it
  return error;
}

/** The arguments among a resource's properties. */
export const argsIn = <Args>(fields: Fields<Args>, props: Props): Args => {
  const given = withoutNulls(fields, props);
  return Object.fromEntries(keysOf(fields).flatMap((key) => (given[key] == null ? [] : [[key, given[key]]]))) as Args;
};

/** The arguments and outputs among a resource's properties. */
export const stateIn = <State>(props: Props): Partial<State> =>
  Object.fromEntries(
    Object.entries(props).filter(([key, value]) => !key.startsWith("__") && value != null),
  ) as Partial<State>;

/** The properties that JSON can hold. A single value that it cannot hold would lose an existing resource. */
export function plain(props: object): Props {
  const kept = Object.entries(props).flatMap(([key, value]): [string, unknown][] => {
    try {
      const text = JSON.stringify(value) as string | undefined;
      return text === undefined ? [] : [[key, JSON.parse(text)]];
    } catch {
      return []; // a bigint or a circular object
    }
  });
  return Object.fromEntries(kept);
}
