import type { CheckFailure } from "../fields/check";
import { type Fields, keysOf } from "../fields/fields";
import { automaticName } from "../fields/name";
import { urnParts } from "./ownership";
import type { Props } from "./record";

/**
 * How the engine, or the stack's configuration `pulumi:autonaming`, names a resource whose name the program leaves out.
 */
export type Naming =
  /** The name to use. A proposed one is changed to what ECS accepts. */
  | { readonly mode: "propose" | "enforce"; readonly name: string }
  /** The program must give every name. */
  | { readonly mode: "disable" }
  /** No rule: the automatic name, with a suffix that a preview and its update share. */
  | { readonly mode: "default"; readonly suffix: string };

const NAME = "imageName";
/** A hidden input: the name was made up, so the next run may make up another one for the same creation. */
export const AUTOMATIC_NAME = "__automaticName";

/**
 * The arguments that the program asks for. If the name was made up, any name will do, so what was taken over keeps its
 * own.
 */
export const asRequested = <Args extends object>(args: Args, hasAutomaticName: boolean): Args =>
  hasAutomaticName ? { ...args, [NAME]: undefined } : args;

/** The paths of what the program leaves open. */
export const leftOpen = (inputs: Props): string[] => (inputs[AUTOMATIC_NAME] === true ? [NAME] : []);

export interface Named {
  readonly inputs: Props;
  readonly failures: CheckFailure[];
}

/** Fills in the name of a new resource. An existing resource keeps its name. */
export function named<Args>(
  fields: Fields<Args>,
  { urn, olds, news }: { readonly urn: string; readonly olds: Props; readonly news: Props },
  naming: Naming | undefined,
): Named {
  const asGiven = { inputs: news, failures: [] };
  const isNamed = (keysOf(fields) as readonly string[]).includes(NAME);
  if (!naming || !isNamed || (news[NAME] ?? "") !== "") return asGiven;
  if (Object.keys(olds).length > 0) return typeof olds[NAME] === "string" ? withName(news, olds[NAME]) : asGiven;
  if (naming.mode === "disable") {
    const reason = `${NAME} is missing, and pulumi:autonaming disables automatic names: give the image a name`;
    return { inputs: news, failures: [{ property: NAME, reason }] };
  }
  return withName(news, nameBy(naming, urnParts(urn).name));
}

const withName = (news: Props, name: string): Named => ({
  inputs: { ...news, [NAME]: name, [AUTOMATIC_NAME]: true },
  failures: [],
});

function nameBy(naming: Exclude<Naming, { mode: "disable" }>, resourceName: string): string {
  if (naming.mode === "enforce") return naming.name;
  return naming.mode === "default" ? automaticName(resourceName, naming.suffix) : automaticName(naming.name);
}
