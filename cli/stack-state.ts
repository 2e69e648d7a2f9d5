import { Failure } from "../provider/failure";
import { ownerOf, stackOf, urnParts } from "../provider/lifecycle/ownership";

/** Which stack, by the two names that its URNs hold. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** A resource as `pulumi stack export` writes it. */
interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What a stack's state has of the things that this package makes. */
export interface StackState {
  readonly name: StackName;
  /** The same, as the owner tags have it. */
  readonly hash: string;
  /** Ids that the state holds: of resources, also of those marked for deletion, and of what their creation made. */
  readonly known: ReadonlySet<string>;
  /** By every other text in a resource: the resource's name. An image in here is in use by the stack, though not the stack's to make. */
  readonly users: ReadonlyMap<string, string>;
  /** The URNs of our resources, those of interrupted operations among them, by the hash that the tags carry. */
  readonly urns: ReadonlyMap<string, string>;
  readonly regions: readonly string[];
  /** Exports that are recorded, or were being made when a run was interrupted. */
  readonly exports: readonly { readonly urn: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  /** Operations of our resources that never ended, by the hash that the tags carry: a run was interrupted, or is under way. */
  readonly pending: ReadonlyMap<string, string>;
  /** Those of resources that the state does not hold: only the next run finds them. */
  readonly interrupted: readonly { readonly urn: string; readonly operation: string }[];
}

interface Deployment {
  readonly resources?: readonly Recorded[] | null;
  readonly pending_operations?: readonly { readonly resource: Recorded; readonly type: string }[] | null;
}

/** The type of a resource of this package without the part that differs between the dynamic and the native provider; undefined for any other. */
const kindOf = (type: string): string | undefined =>
  /^(?:pulumi-nodejs:dynamic\/alicloud-image:|alicloud-image:index:)(\w+)$/.exec(type)?.[1];

/**
 * Reads what `pulumi stack export` prints, or a checkpoint file. Anything else is refused rather than read as a state that knows
 * nothing, since what the state does not know may be deleted. `named` is the stack's name where the state itself has none. Pure.
 */
export function stackStateIn(text: string, named: Partial<StackName>): StackState {
  const { deployment, checkpointOf } = deploymentIn(text);
  const resources = deployment.resources ?? [];
  const pending = deployment.pending_operations ?? [];
  const all = [...resources, ...pending.map(({ resource }) => resource)];
  const ours = all.filter(({ type, custom }) => kindOf(type) !== undefined && custom !== false);
  const name = nameOf(all, checkpointOf, named);

  const known = new Set<string>();
  const users = new Map<string, string>();
  for (const { urn, type, id, custom, inputs, outputs } of all) {
    if (id) known.add(id);
    // The stack's outputs and those of components repeat what others hold, also after those are gone.
    if (type === "pulumi:pulumi:Stack" || custom === false) continue;
    if (kindOf(type) !== undefined)
      for (const made of textsIn([
        outputs?.["snapshotIds"],
        outputs?.["importTaskId"],
        outputs?.["taskId"],
        versionsIn(outputs?.["previousVersions"]),
      ]))
        known.add(made);
    for (const used of textsIn([inputs, outputs])) if (!users.has(used)) users.set(used, urnParts(urn).name);
  }
  const regions = ours.map(({ inputs, outputs }) => outputs?.["regionId"] ?? inputs?.["regionId"]);
  const configured = all
    .filter(({ type }) => type === "pulumi:providers:alicloud")
    .map(({ inputs }) => inputs?.["region"]);

  return {
    name,
    hash: stackOf(name.project, name.stack),
    known,
    users,
    urns: new Map(ours.map((resource) => [tagHash(resource), resource.urn])),
    regions: [...new Set([...regions, ...configured].filter((region) => typeof region === "string"))],
    exports: ours
      .filter(({ type, inputs }) => kindOf(type) === "ImageExport" && typeof inputs?.["imageId"] === "string")
      .map(({ urn, inputs = {} }) => ({ urn: taggedUrn(urn, inputs), inputs })),
    pending: new Map(pending.map(({ resource, type }) => [tagHash(resource), type])),
    interrupted: pending
      .filter(({ resource }) => !resources.some(({ urn }) => urn === resource.urn))
      .map(({ resource, type }) => ({ urn: resource.urn, operation: type })),
  };
}

function deploymentIn(text: string): { deployment: Deployment; checkpointOf?: string } {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    throw unreadable("is not JSON");
  }
  const { deployment, checkpoint } = Object(state) as {
    deployment?: unknown;
    checkpoint?: { stack?: unknown; latest?: unknown };
  };
  const isOldest = checkpoint !== undefined && checkpoint !== null && checkpoint.latest === undefined; // a stack that was never run
  const found = isOldest ? {} : (checkpoint?.latest ?? deployment);
  if (typeof found !== "object" || found === null) throw unreadable("has neither a deployment nor a checkpoint");
  const { resources = [], pending_operations: pending = [] } = found as Deployment;
  const isResource = (one: unknown) =>
    typeof (one as Recorded | null)?.urn === "string" && typeof (one as Recorded).type === "string";
  if (!(resources === null || (Array.isArray(resources) && resources.every(isResource))))
    throw unreadable("has resources that cannot be read");
  if (!(pending === null || (Array.isArray(pending) && pending.every((one) => isResource(one?.resource)))))
    throw unreadable("has pending operations that cannot be read");
  return {
    deployment: found as Deployment,
    ...(typeof checkpoint?.stack === "string" && { checkpointOf: checkpoint.stack }),
  };
}

const unreadable = (why: string) => new Failure("Invalid", `the state ${why}; give what pulumi stack export prints`);

/** By the URNs, which the owner tags are made of; by the checkpoint when it is empty; else as it was asked for. */
function nameOf(
  resources: readonly Recorded[],
  checkpointOf: string | undefined,
  named: Partial<StackName>,
): StackName {
  const [first, ...others] = new Map(
    resources.map(({ urn }) => urnParts(urn)).map(({ project, stack }) => [`${project}/${stack}`, { project, stack }]),
  ).values();
  if (others.length > 0) throw unreadable("holds resources of more than one stack");
  const { project, stack } = { ...named, ...(first ?? (checkpointOf === undefined ? {} : stackNameIn(checkpointOf))) };
  if (!project || !stack)
    throw new Failure(
      "Invalid",
      "the state is empty and does not say whose it is; name it with --stack <project>/<stack>",
    );
  return { project, stack };
}

/** `dev`, `golden/dev` or `organization/golden/dev`. */
export function stackNameIn(text: string): Partial<StackName> {
  const parts = text.split("/");
  if (parts.length > 3 || parts.some((part) => part === ""))
    throw new Failure(
      "Invalid",
      `a stack is named <stack>, <project>/<stack> or <organization>/<project>/<stack>, not ${JSON.stringify(text)}`,
    );
  const [stack, project] = parts.reverse();
  return { ...(stack !== undefined && { stack }), ...(project !== undefined && { project }) };
}

/** The URN that the resource's tags were made of: the one that its constructor passed on. */
const taggedUrn = (urn: string, inputs: Recorded["inputs"]) =>
  typeof inputs?.["__urn"] === "string" ? inputs["__urn"] : urn;

const tagHash = ({ urn, inputs }: Recorded) => ownerOf(taggedUrn(urn, inputs), {}, {}).resource;

/** The ids of the images that `keepVersions` keeps: the resource's own, although they are not what it is now. */
const versionsIn = (versions: unknown) =>
  Array.isArray(versions) ? versions.map((version) => (Object(version) as { imageId?: unknown }).imageId) : [];

const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
