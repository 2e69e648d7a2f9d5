// Checks arguments by the rules of their fields.

import { type Fields, keysOf } from "./fields";
import { nearest, type Violation } from "./rules";

/** A failure that Pulumi shows on its property. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
  /**
   * True if something is missing that another resource may supply. If that resource failed and the run goes on
   * (`--continue-on-error`), the engine asks about this one without it.
   */
  readonly missing?: true;
}

/** A rule about several arguments, for example "exactly one source". It gets all given values. */
export type ArgsRule<Args> = (args: Partial<Args>) => CheckFailure[];

/**
 * Every violated rule of `fields` and `argsRules`, all at once. Failures of arguments in `secrets` contain no part of
 * the value. Pure: the same arguments always give the same failures.
 */
export function failuresIn<Args>(
  fields: Fields<Args>,
  given: Record<string, unknown>,
  argsRules: readonly ArgsRule<Args>[] = [],
  secrets: ReadonlySet<string> = new Set(),
): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const name of Object.keys(given)) {
    // Names with two underscores belong to Pulumi or pass from the package's constructor to its provider.
    if (!Object.hasOwn(fields, name) && !name.startsWith("__") && given[name] !== undefined) {
      failures.push({ property: name, reason: `there is no argument ${name}${suggestion(name, keysOf(fields))}` });
    }
  }
  for (const key of keysOf(fields)) {
    const { accepts, required, computed } = fields[key];
    if (computed) continue;
    const value = given[key];
    if (value === undefined) {
      const reason = `${key} is missing: it must be ${accepts.expects}`;
      if (required) failures.push({ property: key, reason, missing: true });
    } else {
      const violations = accepts.violations(value, key);
      if (!secrets.has(key)) failures.push(...violations.map(worded));
      else if (violations.length > 0) failures.push(wordedSecret(key, accepts.expects, violations));
    }
  }
  const args = given as Partial<Args>;
  return [...failures, ...argsRules.flatMap((argsRule) => argsRule(args))];
}

const worded = ({ path, expects, found, reason, missing }: Violation): CheckFailure => ({
  property: path,
  reason: reason ?? `${path} must be ${expects}, not ${found}`,
  ...(missing && { missing }),
});

/**
 * The place of the violation may be part of the secret, such as the key of a tag. So it names only what is accepted.
 */
function wordedSecret(property: string, expects: string, violations: readonly Violation[]): CheckFailure {
  const parts = new Set(
    violations.map((violation) => violation.expects).filter((one) => one !== "" && one !== expects),
  );
  const within = [...parts].map((part) => `, and a part of it must be ${part}`).join("");
  const missing = violations.every((one) => one.missing) && ({ missing: true } as const);
  return {
    property,
    reason: `${property} must be ${expects}${within}; what was given is secret, so it is not shown`,
    ...missing,
  };
}

/** Failures as one sentence, where the protocol has no place for each. */
export const sentenceOf = (failures: readonly CheckFailure[]): string =>
  failures
    .map(({ property, reason }) => (property === "" || reason.includes(property) ? reason : `${property}: ${reason}`))
    .join("; ");

const credentialLike = /access.?key|secret|token|password|credential/i;

const CREDENTIALS =
  ": credentials are never arguments of a resource; set alicloud:accessKey and alicloud:secretKey as secret " +
  "stack configuration, or the environment";

const suggestion = (name: string, keys: readonly string[]): string =>
  credentialLike.test(name) ? CREDENTIALS : nearest(name, keys);
