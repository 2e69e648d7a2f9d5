import { createHash } from "node:crypto";
import { type Fields, keysOf } from "../fields/fields";

/**
 * Who made an image is written on it by the very call that creates it, in two tags (docs/adoption.md):
 *
 * - `owner`: the stack and the resource that it belongs to, and a fingerprint of every argument whose change replaces;
 * - `open`: made, but not handed over to the engine yet. It is taken off once the engine has written the image into its state.
 */
export const TAG_PREFIX = "pulumi-alicloud-image:";
export const OWNER_TAG = `${TAG_PREFIX}owner`;
export const PENDING_TAG = `${TAG_PREFIX}open`;
/** Of the twenty tags of an image, those that are left to the user. */
export const USER_TAGS = 18;

export interface Owner {
  readonly stack: string;
  readonly resource: string;
  readonly fingerprint: string;
}

/** `<stack>.<resource>.<fingerprint>`, each a hash, so that the names of stacks and resources are no one else's to read. */
export const ownerValue = ({ stack, resource, fingerprint }: Owner): string => `${stack}.${resource}.${fingerprint}`;

export function ownerIn(value: string | undefined): Owner | undefined {
  const [, stack, resource, fingerprint] =
    /^([0-9a-f]{12})\.([0-9a-f]{16})\.([0-9a-f]{16})(?:\.|$)/.exec(value ?? "") ?? [];
  return stack && resource && fingerprint ? { stack, resource, fingerprint } : undefined;
}

const hash = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/** Which stack of which project, as a URN names it. */
export const stackOf = (project: string, stack: string): string => hash(`${project}/${stack}`, 12);

export interface Urn {
  readonly stack: string;
  readonly project: string;
  readonly name: string;
}

/** `urn:pulumi:<stack>::<project>::<types>::<name>`; the name may itself hold colons. */
export function urnParts(urn: string): Urn {
  const [head = "", project = "", , ...name] = urn.split("::");
  return { stack: head.replace(/^urn:pulumi:/, ""), project, name: name.join("::") };
}

/** Whose an image is that is made for `args` of the resource `urn`. */
export function ownerOf<Args>(urn: string, fields: Fields<Args>, args: Partial<Args>): Owner {
  const { project, stack } = urnParts(urn);
  const replacing = keysOf(fields).filter((key) => fields[key].change === "replace" && args[key] !== undefined);
  return {
    stack: stackOf(project, stack),
    resource: hash(urn, 16),
    fingerprint: hash(JSON.stringify(replacing.sort().map((key) => [key, sorted(args[key])])), 16),
  };
}

/** The same value with the keys of its objects in order, so that equal values have equal text. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, held]) => [key, sorted(held)]),
        )
      : value;
