import { type Fields, keysOf } from "./fields";
import { nearest, type Violation } from "./rules";

/** What Pulumi shows on the property that it belongs to. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
  /**
   * Something is missing that may be another resource's to give. Where that one failed and the run goes on
   * (`--continue-on-error`), the engine asks about this one without it.
   */
  readonly missing?: true;
}

/**
 * A rule about several arguments at once, for example "exactly one source". It is asked with every value that was
 * given.
 */
export type ArgsRule<Args> = (args: Partial<Args>) => CheckFailure[];

/**
 * Every violated rule of `fields` and of `argsRules`, all at once. What is wrong with an argument in `secrets` is said
 * without its value or any part of it. Pure: the same arguments always give the same answer.
 */
export function failuresIn<Args>(
  fields: Fields<Args>,
  given: Record<string, unknown>,
  argsRules: readonly ArgsRule<Args>[] = [],
  secrets: ReadonlySet<string> = new Set(),
): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const name of Object.keys(given)) {
    // What begins with two underscores is between the package's own constructor and its provider, or Pulumi's own.
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
 * Where in it something is wrong may be a part of the secret, such as the key of a tag: what is accepted says enough.
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
