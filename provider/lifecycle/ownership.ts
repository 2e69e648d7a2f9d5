import { createHash, randomBytes } from "node:crypto";
import { type Fields, keysOf } from "../fields/fields";

/**
 * The call that creates an image writes on it, in two tags, who made it (docs/adoption.md):
 *
 * - `owner`: the stack and the resource, a fingerprint of the arguments whose change replaces the image, and the
 *   creation id.
 *   The state holds the creation id, too. A record whose creation id differs from the image's no longer owns the image.
 * - `pending`: whether the engine has recorded the image yet.
 */
export const TAG_PREFIX = "pulumi-alicloud-image:";
export const OWNER_TAG = `${TAG_PREFIX}owner`;
export const PENDING_TAG = `${TAG_PREFIX}pending`;
/** On an instance that a test of an image started: the image's owner. */
export const TEST_TAG = `${TAG_PREFIX}test`;
/** On an image that has passed its `test`: `passed`. A RAM policy can ask for it (docs/guides/approved-images.md). */
export const TESTED_TAG = `${TAG_PREFIX}tested`;
/**
 * Somebody keeps it on purpose, although no state holds it (`orphans --acknowledge`). It takes the place of `pending`.
 * Whatever owned it has given it up, so another resource may adopt it.
 */
export const RETAINED_TAG = `${TAG_PREFIX}retained`;
/** Of the twenty tags of an image, the number that is left to the user. */
export const USER_TAGS = 18;

export interface Owner {
  readonly stack: string;
  readonly resource: string;
  /** The resource through renames and moves; absent from the tags of the first format. */
  readonly lineage?: string | undefined;
  readonly fingerprint: string;
}

/** The contents of an image's owner tag. */
export interface OwnerTag extends Owner {
  readonly creationId: string;
  /** The creation whose call made the image, where a later one has taken it over. */
  readonly madeBy?: string;
}

/**
 * `3.<stack>.<resource>.<lineage>.<fingerprint>.<creation id>`: hashes, since anybody in the account can read tags.
 * Behind it the creation that made the image, where another one has taken it over. Format 2, which has no lineage, is
 * still read, and stands for an owner without one.
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
 * Whether both are of one resource: it is the same lineage, or, where an image was made without knowing it, the same
 * URN.
 */
export const isSameResource = (a: Owner, b: Owner): boolean =>
  (a.lineage !== undefined && a.lineage === b.lineage) || (a.stack === b.stack && a.resource === b.resource);

export const newCreationId = (): string => randomBytes(6).toString("hex");

/**
 * - `pending`: the run that created the image has not ended in order.
 * - `returned`: it has, and no later run has shown the record yet.
 * - `version`: a newer image replaced it, and `keepVersions` keeps it.
 * - `imported`: it existed before a resource adopted it. It stays for the life of the image, which no creation of this
 *   package made.
 */
export type PendingState = "pending" | "returned" | "version" | "imported";

/** `of` is the stack, or of a version its lineage, so that a filter finds the versions of one resource. */
export const pendingValue = (state: PendingState, of: string): string => `${state}.${of}`;

export function pendingIn(value: string | undefined): PendingState | undefined {
  const [, state] = /^(pending|returned|version|imported)\.[0-9a-f]{12}$/.exec(value ?? "") ?? [];
  return state as PendingState | undefined;
}

/** The tags of a row by their keys. */
export const tagsIn = (row: { Tags?: { Tag?: { TagKey?: string; TagValue?: string }[] } }): Map<string, string> =>
  new Map((row.Tags?.Tag ?? []).map(({ TagKey, TagValue }) => [TagKey ?? "", TagValue ?? ""]));

/** The tags that a creating call carries. */
export const creationTags = (owner: Owner, creationId: string, madeBy?: string) => [
  { Key: OWNER_TAG, Value: ownerValue(owner, creationId, madeBy) },
  { Key: PENDING_TAG, Value: pendingValue("pending", owner.stack) },
];

const hash = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/** The stack of the project, as it appears in tags. */
export const stackOf = (project: string, stack: string): string => hash(`${project}/${stack}`, 12);

export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** The types of its parents and its own, joined by `$`. */
  readonly types: string;
  readonly name: string;
  /** What stays when the stack is renamed. */
  readonly withinStack: string;
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>`; the name may itself contain colons. */
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

/** The dynamic and the native type of a resource are the same resource: a stack can move from one to the other. */
const typeless = (withinStack: string) =>
  withinStack.replaceAll("pulumi-nodejs:dynamic/alicloud-image:", "alicloud-image:index:");

/** The owner of an image that is created for `args` of the resource `urn`. */
export function ownerOf<Args>(urn: string, fields: Fields<Args>, args: Partial<Args>, lineage?: string): Owner {
  const { project, stack, withinStack } = urnParts(urn);
  return {
    stack: stackOf(project, stack),
    resource: hash(typeless(withinStack), 16),
    lineage,
    fingerprint: fingerprintOf(fields, args),
  };
}

/**
 * A fingerprint of the arguments whose change replaces. An argument that was not given is left out, so a later release
 * that adds one computes the same fingerprint for the programs of today. Tags can be read by others and `triggers` may
 * hold a secret: of an argument that may be secret only 12 bits enter, too few to reveal anything about it.
 */
function fingerprintOf<Args>(fields: Fields<Args>, args: Partial<Args>): string {
  const given = keysOf(fields).filter((key) => fields[key].change === "replace" && args[key] !== undefined);
  const parts = given.sort().map((key) => {
    const text = JSON.stringify(sorted(args[key]));
    return [key, fields[key].mayBeSecret ? hash(text, 3) : text];
  });
  return hash(JSON.stringify(parts), 16);
}

/** The same value with the keys of its objects in order, so that equal values have equal text. */
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
