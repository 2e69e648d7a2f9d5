import { type Fields, keysOf } from "./fields";
import { nearest, type Violation } from "./rules";

/** What Pulumi shows on the property that it belongs to. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** A rule about several arguments at once, for example "exactly one source". It is asked with every value that was given. */
export type ArgsRule<Args> = (args: Partial<Args>) => CheckFailure[];

/** Every violated rule of `fields` and of `argsRules`, all at once. Pure: the same arguments always give the same answer. */
export function failuresIn<Args>(
  fields: Fields<Args>,
  given: Record<string, unknown>,
  argsRules: readonly ArgsRule<Args>[] = [],
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
      if (required) failures.push({ property: key, reason: `${key} is missing: it must be ${accepts.expects}` });
    } else {
      failures.push(...accepts.violations(value, key).map(worded));
    }
  }
  const args = given as Partial<Args>;
  return [...failures, ...argsRules.flatMap((argsRule) => argsRule(args))];
}

const worded = ({ path, expects, found, reason }: Violation): CheckFailure => ({
  property: path,
  reason: reason ?? `${path} must be ${expects}, not ${found}`,
});

const credentialLike = /access.?key|secret|token|password|credential/i;

const CREDENTIALS =
  ": credentials are never arguments of a resource; set alicloud:accessKey and alicloud:secretKey as secret stack configuration, or the environment";

const suggestion = (name: string, keys: readonly string[]): string =>
  credentialLike.test(name) ? CREDENTIALS : nearest(name, keys);
