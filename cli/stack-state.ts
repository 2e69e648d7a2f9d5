import { Failure } from "../provider/failure";
import { lineageFrom, lineageIn } from "../provider/lifecycle/lineage";
import { resourceOf, stackOf, urnParts } from "../provider/lifecycle/ownership";

/** A stack, by the two names in its URNs. */
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
  /** URNs that it had before, as long as the program names them. */
  readonly aliases?: readonly string[];
  /** `<urn>::<id>` of its provider. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What a stack's state knows about the things that this package makes. */
export interface StackState {
  readonly name: StackName;
  /** The hash of the name, as in the owner tags. */
  readonly hash: string;
  /** The hashes of every name that the stack had while one of its resources was made, including the current one. */
  readonly hashes: ReadonlySet<string>;
  /** The lineages of our resources. What has one of them belongs to the resource, under any name of the stack. */
  readonly lineages: ReadonlySet<string>;
  /** Images in the state's lists of versions. */
  readonly versions: ReadonlySet<string>;
  /** The ids of images for which the state has the result of a passed test. */
  readonly tested: ReadonlySet<string>;
  /** How many versions each resource keeps, by its lineage and by its hash in the tags. */
  readonly keeps: ReadonlyMap<string, number>;
  /** The providers of our resources: the dynamic one, the plugin's own configuration, and explicit ones by name. */
  readonly providers: Providers;
  /** Ids in the state: of resources, including those marked for deletion, and of what their creation made. */
  readonly known: ReadonlySet<string>;
  /**
   * Every other string in a resource, with the resource's name. An image among them is used by the stack, even if the
   * stack did not make it.
   */
  readonly users: ReadonlyMap<string, string>;
  /** The URNs of our resources, including those of interrupted operations, by their hash in the tags. */
  readonly urns: ReadonlyMap<string, string>;
  readonly regions: readonly string[];
  /** The exports among `urns`. */
  readonly exports: ReadonlySet<string>;
  /**
   * Pending operations of our resources, by the resource's hash in the tags: a run was interrupted or is still active.
   */
  readonly pending: ReadonlyMap<string, string>;
  /** Pending operations of resources that are not in the state. Only the next run finds them. */
  readonly interrupted: readonly { readonly urn: string; readonly operation: string }[];
}

export interface Providers {
  readonly dynamic: boolean;
  readonly native: boolean;
  readonly explicit: readonly { readonly name: string; readonly inputs: Readonly<Record<string, unknown>> }[];
}

interface Deployment {
  readonly resources?: readonly Recorded[] | null;
  readonly pending_operations?: readonly { readonly resource: Recorded; readonly type: string }[] | null;
}

const NATIVE_PROVIDER = "pulumi:providers:alicloud-image";

const lineageOf = ({ inputs, outputs }: Recorded) =>
  lineageFrom(Object(outputs?.["__record"])["lineage"]) ?? lineageIn({ ...inputs });

/**
 * An explicit provider, which a program declares, has its own arguments. The engine's default providers have the
 * configuration.
 */
function providersIn(all: readonly Recorded[], ours: readonly Recorded[]): Providers {
  const used = new Set(ours.map(({ provider }) => provider?.split("::").slice(0, -1).join("::")));
  const explicit = all.filter(
    ({ type, urn }) => type === NATIVE_PROVIDER && used.has(urn) && !/^default(_|$)/.test(urnParts(urn).name),
  );
  const own = new Set(explicit.map(({ urn }) => urn));
  const isOfDefault = ({ provider = "" }: Recorded) => ![...own].some((urn) => provider.startsWith(`${urn}::`));
  return {
    dynamic: ours.some(({ type }) => type.startsWith("pulumi-nodejs:dynamic/")),
    native: ours.some((one) => one.type.startsWith("alicloud-image:") && isOfDefault(one)),
    explicit: explicit.map(({ urn, inputs = {} }) => ({ name: urnParts(urn).name, inputs })),
  };
}

/**
 * The type of a resource of this package, without the part that differs between the dynamic and the native provider.
 * Undefined for any other type.
 */
const kindOf = (type: string): string | undefined =>
  /^(?:pulumi-nodejs:dynamic\/alicloud-image:|alicloud-image:index:)(\w+)$/.exec(type)?.[1];

/**
 * Reads what `pulumi stack export` prints, or a checkpoint file. Refuses anything else: if it were read as an empty
 * state, everything would be an orphan that may be deleted. `named` is the stack's name if the state itself has none.
 * Pure.
 */
export function stackStateIn(text: string, named: Partial<StackName>): StackState {
  const { deployment, checkpointOf } = deploymentIn(text);
  const resources = deployment.resources ?? [];
  const pending = deployment.pending_operations ?? [];
  const all = [...resources, ...pending.map(({ resource }) => resource)];
  const ours = all.filter(({ type, custom }) => kindOf(type) !== undefined && custom !== false);
  const name = nameOf(all, checkpointOf, named);

  const { known, users } = idsIn(all);
  const made = ours.flatMap(({ inputs, outputs }) => [Object(outputs?.["__record"])["urn"], inputs?.["__urn"]]);
  const stacks = made.filter((urn) => typeof urn === "string").map(urnParts);

  return {
    name,
    hash: stackOf(name.project, name.stack),
    hashes: new Set([name, ...stacks].map(({ project, stack }) => stackOf(project, stack))),
    lineages: new Set(ours.flatMap((one) => lineageOf(one)?.id ?? [])),
    versions: new Set(ours.flatMap(({ outputs }) => textsIn(versionsIn(outputs?.["previousVersions"])))),
    tested: new Set(ours.flatMap(({ id, outputs }) => (id && outputs?.["testResult"] != null ? [id] : []))),
    keeps: new Map(ours.flatMap(keepsIn)),
    providers: providersIn(all, ours),
    known,
    users,
    urns: new Map(ours.flatMap((one) => tagHashes(one).map((hash) => [hash, one.urn]))),
    regions: regionsIn(all, ours),
    exports: new Set(ours.filter(({ type }) => kindOf(type) === "ImageExport").flatMap(tagHashes)),
    pending: new Map(pending.map(({ resource, type }) => [tagHash(resource), type])),
    interrupted: pending
      .filter(({ resource }) => !resources.some(({ urn }) => urn === resource.urn))
      .map(({ resource, type }) => ({ urn: resource.urn, operation: type })),
  };
}

/** Whether an import has read it and was refused then: the resource has it in the state, and does not own it. */
const isOnlyRead = (outputs: Recorded["outputs"]): boolean => Object(outputs?.["__record"])["adopted"] === "read";

/** The ids in the state, and the resource that uses each. */
function idsIn(all: readonly Recorded[]): Pick<StackState, "known" | "users"> {
  const known = new Set<string>();
  const users = new Map<string, string>();
  for (const { urn, type, id, custom, inputs, outputs } of all) {
    if (id && !isOnlyRead(outputs)) known.add(id);
    // Outputs of the stack and of components repeat values of other resources, even after those are gone.
    if (type === "pulumi:pulumi:Stack" || custom === false) continue;
    if (kindOf(type) !== undefined)
      for (const made of textsIn([outputs?.["snapshotIds"], outputs?.["importTaskId"], outputs?.["taskId"]]))
        known.add(made);
    for (const used of textsIn([inputs, outputs])) if (!users.has(used)) users.set(used, urnParts(urn).name);
  }
  return { known, users };
}

/** The regions of the resources now and earlier, and those of the providers. */
function regionsIn(all: readonly Recorded[], ours: readonly Recorded[]): string[] {
  const configured = all
    .filter(({ type }) => type === "pulumi:providers:alicloud" || type === NATIVE_PROVIDER)
    .map(({ inputs }) => inputs?.["region"]);
  const regions = ours.map(({ inputs, outputs }) => outputs?.["regionId"] ?? inputs?.["regionId"]);
  const earlier = ours.flatMap((one) => lineageOf(one)?.regions ?? []);
  return [...new Set([...regions, ...earlier, ...configured].filter((region) => typeof region === "string"))];
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
  // a stack that was never run
  const isOldest = checkpoint !== undefined && checkpoint !== null && checkpoint.latest === undefined;
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

/**
 * The stack's name: from the URNs, which the owner tags are made of; without any, from the checkpoint; otherwise the
 * given one.
 */
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

/** The hash of the URN in the resource's tags: the one that its constructor passed as an input. */
const tagHash = ({ urn, inputs }: Recorded): string =>
  resourceOf(typeof inputs?.["__urn"] === "string" ? inputs["__urn"] : urn);

/** The same for all URNs that the resource has had, the current one last. */
const tagHashes = (resource: Recorded): string[] => [...(resource.aliases ?? []).map(resourceOf), tagHash(resource)];

/** A new name or parent changes the hash of a resource, and its versions keep the former one. */
const keepsIn = (resource: Recorded): [string, number][] => {
  const keep = Number(resource.outputs?.["keepVersions"] ?? 0);
  return [tagHash(resource), lineageOf(resource)?.id ?? []].flat().map((key) => [key, keep]);
};

/** The ids of the images that `keepVersions` keeps. They belong to the resource, besides its current image. */
const versionsIn = (versions: unknown) =>
  Array.isArray(versions) ? versions.map((version) => (Object(version) as { imageId?: unknown }).imageId) : [];

const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
