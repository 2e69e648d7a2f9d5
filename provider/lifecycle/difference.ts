import { changeBetween, removedArguments } from "../fields/change";
import type { CheckFailure } from "../fields/check";
import { type Fields, keysOf } from "../fields/fields";
import { contains, leavesBetween, pathOf } from "../fields/paths";
import { placeIn } from "./adoption";
import { argumentFailures, importedId } from "./check";
import type { Lifecycle } from "./lifecycle";
import { leftOpen } from "./naming";
import { urnParts } from "./ownership";
import { argsIn, type Props, RECORD, type Record, recordIn, stateIn } from "./record";
import type { Session } from "./session";

/** The difference between the recorded state and the wanted one. */
export interface Difference {
  readonly is: "none" | "update" | "replace";
  /** The arguments that differ, or `status` if the recorded status requires an update. */
  readonly because: readonly string[];
  /** Missing arguments, which the check leaves to the update. */
  readonly missing: readonly CheckFailure[];
}

export interface DiffRequest {
  readonly id: string;
  readonly urn: string;
  readonly olds: Props;
  readonly news: Props;
  /** Paths of the resource option `ignoreChanges`. */
  readonly ignoreChanges?: readonly string[];
}

export function differenceIn<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  { urn, olds, news, ignoreChanges = [] }: DiffRequest,
): Difference {
  const fields = notIgnored(life.fields, [...ignoreChanges, ...leftOpen(news)], olds, news);
  const record = recordIn(olds);
  const have = stateIn<State>(olds);
  const want = argsIn(fields, news);
  // No program has given the arguments of an adopted resource. What the first program omits stays as it is.
  const given = record?.adopted === "read" || record?.adopted === "unclaimed" ? [] : (record?.given ?? []);
  const inStackRegion = ["regionId", ...given.filter((key) => key === "sourceRegionId")].filter(
    (key) => key in fields && (want as Props)[key] === undefined,
  );
  const regions = Object.fromEntries(inStackRegion.map((key) => [key, session.defaultRegion()]));
  const wanted = { ...want, ...removedArguments(fields, want, given), ...regions };
  const isUnknown = (key: keyof Args & string) =>
    have[key] === undefined &&
    (record?.adopted === "read" || (record?.adopted !== undefined && fields[key].unshown === true));
  const change = changeBetween(fields, have as Partial<Args>, wanted, isUnknown);
  const phase = life.phase(have);
  const missing = argumentFailures(life, session, news).filter((failure) => failure.missing);
  if (change.kind === "replace") return { is: "replace", because: change.because, missing };
  if (phase === "failed" || record?.failed) return { is: "replace", because: ["status"], missing };
  const because: string[] = change.kind === "update" ? [...change.changed] : [];
  because.push(...missing.map(({ property }) => property.split(/[.[]/)[0]!).filter((key) => !because.includes(key)));
  if (phase === "unfinished") because.push("status");
  if (isRenamed(record, urn) || record?.adopted === "read" || (record && record.lineage === undefined))
    because.push(RECORD);
  return { is: because.length > 0 ? "update" : "none", because, missing };
}

/**
 * The fields without those whose differences the program ignores. The engine resets only values that the program gives.
 */
function notIgnored<Args>(fields: Fields<Args>, ignored: readonly string[], olds: Props, news: Props): Fields<Args> {
  const paths = ignored.map(pathOf);
  const typeOf = (key: string) => fields[key as keyof Args & string].accepts.type;
  const isIgnored = (key: string) =>
    leavesBetween(key, olds[key], news[key], typeOf(key)).every(({ path }) => paths.some((one) => contains(one, path)));
  return Object.fromEntries(
    keysOf(fields).flatMap((key) => (ignored.length > 0 && isIgnored(key) ? [] : [[key, fields[key]]])),
  ) as Fields<Args>;
}

/** Warns if a variable or a profile changes the region, because that moves every resource without a `regionId`. */
export function warnOfRegion(
  session: Session,
  { id, urn, olds, news }: DiffRequest,
  { is, because }: Difference,
): void {
  const from = session.regionFrom();
  const recorded = olds["regionId"];
  if (is !== "replace" || !because.includes("regionId") || (news["regionId"] ?? undefined) !== undefined) return;
  if (from === undefined || typeof recorded !== "string") return;
  const advice = `To keep it, run pulumi config set alicloud:region ${recorded}`;
  session.warn(
    urn,
    `${id} is in ${recorded}, and ${from} names ${session.defaultRegion()}: this run replaces it there. ${advice}`,
  );
}

/**
 * Warns if the option `import` names something else than the resource has: in the dynamic host, it adopts only when the
 * resource is created. An export may be named by one of its objects, which its id does not show.
 */
export function warnOfImport(session: Session, { id, urn, news }: DiffRequest): void {
  const given = importedId(news);
  if (given === undefined || given.includes("/") || placeIn(given).id === placeIn(id).id) return;
  const advice = `Remove the option, or adopt ${given} instead: pulumi up --replace ${urn}`;
  session.warn(urn, `the option import names ${given}, and this resource already has ${id}. ${advice}`);
}

/**
 * Whether it was renamed with an alias, or moved from the dynamic to the native type. A renamed stack does not count.
 */
export const isRenamed = (record: Record | undefined, urn: string): boolean =>
  record !== undefined && urnParts(record.urn).withinStack !== urnParts(urn).withinStack;
