// The check of a resource: by its fields, and then by what the cloud shows.

import { meantRegion } from "../ecs/regions";
import { isFailure, messageOf } from "../failure";
import { type CheckFailure, failuresIn } from "../fields/check";
import { withoutNulls } from "../fields/given";
import { same } from "../fields/same";
import { hasUnknown, isUnknown, knownPart, UNKNOWN } from "../fields/unknown";
import { candidateFor, changesInPlace, missing, placeIn, wrongId } from "./adoption";
import type { Context } from "./context";
import { withDefaultTags } from "./default-tags";
import type { Inspection, Lifecycle } from "./lifecycle";
import { LINEAGE, type Lineage, lineageIn, lineageText, movedTo, newLineage } from "./lineage";
import { type Naming, named } from "./naming";
import { explained, READ_TIMEOUT_MS, type Request } from "./operation";
import { newCreationId } from "./ownership";
import { argsIn, type Props, plain } from "./record";
import { noSecrets, type Secrets, withoutSecrets } from "./secrets";
import type { Session } from "./session";

/** The id in the resource option `import`: an input in the dynamic host, whose protocol has no place for it. */
export const IMPORT = "__import";

/** The id to adopt; undefined if there is none. As in Pulumi itself, an empty id is none. */
export function importedId(inputs: Props): string | undefined {
  const given = inputs[IMPORT];
  return typeof given === "string" && given !== "" && given !== UNKNOWN ? given : undefined;
}

export interface CheckRequest extends Request {
  readonly olds: Props;
  readonly news: Props;
  /** Whether it is known to be a preview, or known not to be one. */
  readonly preview?: boolean;
  /**
   * The engine's random numbers, if the protocol has them. They are the same for an update plan and the run of that
   * plan.
   */
  readonly seed?: Uint8Array;
  /** If left out, a name that the program leaves out is made at the creation. */
  readonly naming?: Naming | undefined;
}

export interface Checked {
  readonly inputs: Props;
  readonly failures: CheckFailure[];
}

/** Checks the program's arguments by the fields, then reads from the cloud what the fields cannot know. */
export async function check<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CheckRequest,
): Promise<Checked> {
  const { preview, secrets = noSecrets } = request;
  const read = session.stack.lookedAt(request.urn);
  const adopts = read !== undefined || importedId(request.news) !== undefined;
  const { inputs: own, failures: unnamed } = named(life.fields, request, adopts ? undefined : request.naming);
  // What was just read is not checked: that the cloud does not show its source is no mistake of the program.
  const asRead = read !== undefined && same(plain(withoutNulls(life.fields, request.news)), read.inputs);
  const { inputs: news, failures: untagged } = asRead
    ? { inputs: own, failures: [] }
    : withDefaultTags(life.fields, own, session.defaultTags());
  const wrong = asRead ? [] : [...unnamed, ...untagged, ...argumentFailures(life, session, news, secrets)];
  const failures = isLater(wrong, preview) ? [] : wrong;
  const seen = wrong.length > 0 ? { failures, computed: {} } : await seenInCloud(life, session, request, news);
  return {
    inputs: { ...news, ...plain(seen.computed) },
    failures: seen.failures.map((failure) => withoutSecrets(secrets, failure)),
  };
}

async function seenInCloud<Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  request: CheckRequest,
  news: Props,
): Promise<Inspection<Args>> {
  const { urn, olds, preview, secrets } = request;
  const args = argsIn(life.fields, news);
  const isCreation = preview === true && Object.keys(olds).length === 0 && session.stack.current(urn) === undefined;
  const { regionId } = args as Props;
  const adopted = session.stack.lookedAt(urn)?.given ?? (isCreation ? importedId(news) : undefined);
  const against =
    adopted === undefined || isUnknown(regionId)
      ? []
      : await failuresOfAdoption(adopted, knownPart(args) as Args, { life, session, request });
  if (against.length > 0) return { failures: [...against], computed: {} };
  const creates = isCreation && (news[IMPORT] ?? "") === "";
  const asksDryRun = life.dryRun && creates && !hasUnknown(args) && session.isEnabled("dryRun");
  if (creates && !asksDryRun) warnOfRegion(request, regionId, session);
  // without a known region nothing can be asked
  const inspect = isUnknown(regionId) ? undefined : life.inspect?.(args);
  if (!inspect && !asksDryRun) return { failures: [], computed: {} };
  const doing = `checking ${life.describe(knownPart(args) as Partial<Args>)}`;
  const ctx = contextOf(request, doing, regionId, session);
  const seen = await Promise.resolve(ctx)
    .then((own) => inspect?.(own))
    .catch((error: unknown) => Promise.reject(explained(error, "", secrets?.hide)));
  const { failures, computed } = seen ?? { failures: [], computed: {} };
  if (!asksDryRun || failures.length > 0) return { failures, computed };
  return { failures: [...(await refusals(life.dryRun!(args, ctx), ctx))], computed };
}

/**
 * Warns of an unknown region. A dry run also shows that, but without one, the copy of a new image would fail only at
 * the end.
 */
function warnOfRegion(request: CheckRequest, regionId: unknown, session: Session): void {
  const meant = typeof regionId === "string" ? meantRegion(regionId) : undefined;
  if (meant === undefined) return;
  const ctx = contextOf(request, "", regionId, session);
  ctx.warn(`no region ${JSON.stringify(regionId)} is known; did you mean ${meant}?`);
}

/**
 * Adds the lineage of the resource to the inputs. The second check of a replacement gets no old inputs, so the lineage
 * of the first check is used, and the region of the record that was compared. In a preview, a new lineage stays
 * unknown, because the run makes another one.
 */
export function withLineage({ inputs, failures }: Checked, request: CheckRequest, session: Session): Checked {
  const { urn, olds, preview, seed } = request;
  const region = (props: Props) => props["regionId"] ?? regionOrNone(session);
  const before = session.stack.lineageOf(urn) ?? lineageIn(olds) ?? lineageIn(inputs);
  if (!before && preview === true) return { inputs: { ...inputs, [LINEAGE]: UNKNOWN }, failures };
  const from = Object.keys(olds).length > 0 ? region(olds) : session.stack.current(urn)?.state["regionId"];
  const lineage: Lineage = movedTo(before ?? newLineage(seed), from, region(inputs));
  session.stack.setLineage(urn, lineage);
  return { inputs: { ...inputs, [LINEAGE]: lineageText(lineage) }, failures };
}

/** The configured region. If the configuration cannot be read, the check has failed already. */
function regionOrNone(session: Session): string | undefined {
  try {
    return session.defaultRegion();
  } catch {
    return undefined;
  }
}

/** What is wrong with the arguments, as far as that is known without a call. */
export const argumentFailures = <Args extends object, State extends Args>(
  life: Lifecycle<Args, State>,
  session: Session,
  news: Props,
  { keys }: Secrets = noSecrets,
): CheckFailure[] => {
  const inputs = withoutNulls(life.fields, news);
  return [...failuresIn(life.fields, inputs, life.argsRules, keys), ...regionFailure(inputs, session)];
};

/**
 * A failed check ends the whole run, even with `--continue-on-error`. In such a run, an argument may be missing because
 * the resource that supplies it has failed. So outside of previews the creation or the update reports a missing
 * argument. The engine does not even call these if such a resource has failed.
 */
const isLater = (failures: readonly CheckFailure[], preview: boolean | undefined): boolean =>
  preview !== true && failures.every(({ missing }) => missing);

interface Checking<Args extends object, State extends Args> {
  readonly life: Lifecycle<Args, State>;
  readonly session: Session;
  readonly request: CheckRequest;
}

/** The reasons against the adoption. Without any, the row says what is adopted, and what will change. */
async function failuresOfAdoption<Args extends object, State extends Args>(
  given: string,
  args: Args,
  { life, session, request }: Checking<Args, State>,
): Promise<readonly CheckFailure[]> {
  const { id, regionId = (args as Props)["regionId"] } = placeIn(given);
  const doing = `adopting ${life.type} ${given}`;
  const wrong = wrongId(id);
  if (wrong !== undefined) return [{ property: "", reason: `${doing}: ${wrong}` }];
  const ctx = contextOf(request, doing, regionId, session);
  const asked = candidateFor(life, session, { id, args }, ctx);
  const candidate = await asked.catch((error: unknown) =>
    Promise.reject(explained(error, doing, request.secrets?.hide)),
  );
  if (!candidate) return [{ property: "", reason: `${doing}: ${missing(life.type, id, ctx.regionId)}` }];
  const changes = changesInPlace(life.fields, candidate.state, args);
  const changed = changes.length > 0 ? `and changes in place: ${changes.join(", ")}` : "as it is";
  if (candidate.failures.length === 0) ctx.note(`adopts ${candidate.id} ${changed}`);
  return candidate.failures.map(({ property, reason }) => ({ property, reason: `${doing}: ${reason}` }));
}

const contextOf = ({ urn, signal, secrets }: CheckRequest, doing: string, regionId: unknown, session: Session) =>
  session.contextFor({
    urn,
    creationId: newCreationId(),
    doing,
    regionId: regionId as string | undefined,
    timeoutMs: READ_TIMEOUT_MS,
    ...(signal && { signal }),
    ...(secrets && { hide: secrets.hide }),
  });

/** The certain refusals, as check failures. If the cloud does not answer, the preview goes on with a warning. */
async function refusals(asked: Promise<readonly CheckFailure[]>, ctx: Context): Promise<readonly CheckFailure[]> {
  try {
    return await asked;
  } catch (error) {
    if (isFailure(error, "Denied", "Invalid")) return [{ property: "", reason: error.message }];
    if (isFailure(error, "Unreachable")) ctx.warn(`the cloud could not check the arguments: ${error.message}`);
    return [];
  }
}

function regionFailure(news: Props, session: Session): CheckFailure[] {
  if (news["regionId"] !== undefined) return [];
  try {
    if (session.defaultRegion()) return [];
    return [{ property: "regionId", reason: `no region is known${session.regionAdvice()}`, missing: true }];
  } catch (error) {
    return [{ property: "", reason: messageOf(error) }];
  }
}
