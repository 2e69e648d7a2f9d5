import { createHash, randomBytes } from "node:crypto";
import { type Fields, keysOf } from "../fields/fields";

/**
 * The call that creates an image gives it two tags (docs/adoption.md):
 *
 * - `owner`: the stack and the resource, a fingerprint of the arguments whose change replaces the image, and the
 *   creation id. The state has the creation id, too. A record with another creation id than the image's no longer owns
 *   the image.
 * - `pending`: whether the engine has recorded the image yet.
 */
export const TAG_PREFIX = "pulumi-alicloud-image:";
export const OWNER_TAG = `${TAG_PREFIX}owner`;
export const PENDING_TAG = `${TAG_PREFIX}pending`;
/** On an instance that a test of an image started: the owner of the image. */
export const TEST_TAG = `${TAG_PREFIX}test`;
/** On an image that has passed its `test`: `passed`. A RAM policy can require it (docs/guides/approved-images.md). */
export const TESTED_TAG = `${TAG_PREFIX}tested`;
/**
 * On something that somebody keeps on purpose, although no state has it (`orphans --acknowledge`). It replaces
 * `pending`. The former owner has given it up, so another resource may adopt it.
 */
export const RETAINED_TAG = `${TAG_PREFIX}retained`;
/** How many of an image's twenty tags are left to the user. */
export const USER_TAGS = 18;

export interface Owner {
  readonly stack: string;
  readonly resource: string;
  /** The identity of the resource through renames and moves. Absent in tags of the first format. */
  readonly lineage?: string | undefined;
  readonly fingerprint: string;
}

/** The parts of an image's owner tag. */
export interface OwnerTag extends Owner {
  readonly creationId: string;
  /** The creation whose call made the image, if a later one has taken it over. */
  readonly madeBy?: string;
}

/**
 * `3.<stack>.<resource>.<lineage>.<fingerprint>.<creation id>`, as hashes, because everybody in the account can read
 * tags. The creation that made the image follows, if another one has taken it over. Format 2, which has no lineage, can
 * still be read.
 */
export const ownerValue = (owner: Owner, creationId: string, madeBy = creationId): string => {
  const { stack, resource, lineage, fingerprint } = owner;
  const format = lineage === undefined ? [2, stack, resource] : [3, stack, resource, lineage];
  return [...format, fingerprint, creationId, ...(madeBy === creationId ? [] : [madeBy])].join(".");
};

const OWNER_FORM = new RegExp(
  "^[23]\\.(?<stack>[0-9a-f]{12})\\.(?<resource>[0-9a-f]{16})(?:\\.(?<lineage>[0-9a-f]{12}))?" +
    "\\.(?<fingerprint>[0-9a-f]{16})\\.(?<creationId>[0-9a-f]{12})(?:\\.(?<madeBy>[0-9a-f]{12}))?(?:\\.|$)",
);

export function ownerIn(value: string | undefined): OwnerTag | undefined {
  const { stack, resource, lineage, fingerprint, creationId, madeBy } = OWNER_FORM.exec(value ?? "")?.groups ?? {};
  if (!(stack && resource && fingerprint && creationId)) return undefined;
  return { stack, resource, ...(lineage && { lineage }), fingerprint, creationId, ...(madeBy && { madeBy }) };
}

/**
 * Whether both are the same resource: by the lineage, or by the URN if an image was made without knowledge of the
 * lineage.
 */
export const isSameResource = (a: Owner, b: Owner): boolean =>
  (a.lineage !== undefined && a.lineage === b.lineage) || (a.stack === b.stack && a.resource === b.resource);

export const newCreationId = (): string => randomBytes(6).toString("hex");

/**
 * - `pending`: the run that created the image has not come to an orderly end.
 * - `returned`: it has, but no later run has seen the record yet.
 * - `version`: a newer image replaced it, and `keepVersions` keeps it.
 * - `imported`: it existed before a resource adopted it. This stays for the life of the image, which no creation of
 *   this package made.
 */
export type PendingState = "pending" | "returned" | "version" | "imported";

/** `of` is the stack; for a version, the lineage, so that a filter finds the versions of one resource. */
export const pendingValue = (state: PendingState, of: string): string => `${state}.${of}`;

export function pendingIn(value: string | undefined): PendingState | undefined {
  const [, state] = /^(pending|returned|version|imported)\.[0-9a-f]{12}$/.exec(value ?? "") ?? [];
  return state as PendingState | undefined;
}

/** The tags of a row, by key. */
export const tagsIn = (row: { Tags?: { Tag?: { TagKey?: string; TagValue?: string }[] } }): Map<string, string> =>
  new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey ?? "", TagValue ?? ""]));

/** The tags in a creating call. */
export const creationTags = (owner: Owner, creationId: string, madeBy?: string) => [
  { Key: OWNER_TAG, Value: ownerValue(owner, creationId, madeBy) },
  { Key: PENDING_TAG, Value: pendingValue("pending", owner.stack) },
];

const hash = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/** The hash of a stack and its project in tags. */
export const stackOf = (project: string, stack: string): string => hash(`${project}/${stack}`, 12);

export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** The types of its parents and its own, joined by `$`. */
  readonly types: string;
  readonly name: string;
  /** The part that stays if the stack is renamed. */
  readonly withinStack: string;
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>`. The name may contain colons. */
export function urnParts(urn: string): Urn {
  const [head = "", project = "", types = "", ...name] = urn.split("::");
  return {
    stack: head.replace(/^urn:pulumi:/, ""),
    project,
    types,
    name: name.join("::"),
    withinStack: [project, types, ...name].join("::"),
  };
}

/** The same for the dynamic and the native type of a resource, because a stack can move from one to the other. */
const typeless = (withinStack: string) =>
  withinStack.replaceAll("pulumi-nodejs:dynamic/alicloud-image:", "alicloud-image:index:");

/** The resource, as it appears in tags. */
export const resourceOf = (urn: string): string => hash(typeless(urnParts(urn).withinStack), 16);

/** The owner of an image that is created for `args` of the resource `urn`. */
export function ownerOf<Args>(urn: string, fields: Fields<Args>, args: Partial<Args>, lineage?: string): Owner {
  const { project, stack } = urnParts(urn);
  return {
    stack: stackOf(project, stack),
    resource: resourceOf(urn),
    lineage,
    fingerprint: fingerprintOf(fields, args),
  };
}

/**
 * A fingerprint of the arguments whose change replaces. It ignores arguments that were not given, so a later release
 * with more arguments computes the same fingerprint for existing programs. Others can read tags, and `triggers` may
 * contain a secret: of an argument that may be secret, only 12 bits are used, too few to reveal it.
 */
function fingerprintOf<Args>(fields: Fields<Args>, args: Partial<Args>): string {
  const given = keysOf(fields).filter((key) => fields[key].change === "replace" && args[key] !== undefined);
  const parts = given.sort().map((key) => {
    const text = JSON.stringify(sorted(args[key]));
    return [key, fields[key].mayBeSecret ? hash(text, 3) : text];
  });
  return hash(JSON.stringify(parts), 16);
}

/** The value with the keys of its objects sorted, so that equal values have equal text. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;
