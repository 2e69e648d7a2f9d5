import { ApiError, refusal } from "../request/api-error";
import type { Permission } from "../request/emulation";
import type { Credential } from "../world/credential";
import type { RamPolicy, RamStatement } from "../world/world";

/** RAM's rule: an explicit Deny wins, then an Allow. An action that no statement allows is denied. */
export function isAllowed(policy: RamPolicy, { action, resource, facts = new Map() }: Permission): boolean {
  const speaking = policy.Statement.filter(
    (statement) =>
      listed(statement.Action).some((pattern) => matches(pattern, action, true)) &&
      listed(statement.Resource).some((pattern) => matches(pattern, resource, false)) &&
      holds(statement, facts),
  );
  return speaking.some((s) => s.Effect === "Allow") && !speaking.some((s) => s.Effect === "Deny");
}

type Compare = (given: string, wanted: string) => boolean;
const equals: Compare = (given, wanted) => given === wanted;
const equalsIgnoringCase: Compare = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();
const like: Compare = (given, wanted) => matches(wanted, given, false);
const operators: Readonly<Record<string, { readonly compare: Compare; readonly negated?: true }>> = {
  StringEquals: { compare: equals },
  StringNotEquals: { compare: equals, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoringCase },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoringCase, negated: true },
  StringLike: { compare: like },
  StringNotLike: { compare: like, negated: true },
};

/**
 * All operators and all keys of a condition must hold, and of the values of one key any one. An operator that is not
 * emulated makes a Deny hold and an Allow not.
 */
function holds({ Effect, Condition = {} }: RamStatement, facts: ReadonlyMap<string, string>): boolean {
  return Object.entries(Condition).every(([name, keys]) => {
    const operator = operators[name];
    if (!operator) return Effect === "Deny";
    return Object.entries(keys).every(([key, wanted]) => {
      const given = facts.get(key);
      const isOne = given !== undefined && listed(wanted).some((value) => operator.compare(given, value));
      return isOne !== (operator.negated ?? false);
    });
  });
}

/**
 * Refuses the request if the credential's policies do not allow it. The detail is the one that
 * https://www.alibabacloud.com/help/en/ram/faq-about-access-denied documents.
 */
export function requirePermissions(
  { policy, sessionPolicy, arn }: Credential,
  permissions: readonly Permission[],
  accountId: string,
): void {
  const policies = [policy, sessionPolicy].filter((p) => p !== undefined);
  const denied = permissions.find((permission) => !policies.every((p) => isAllowed(p, permission)));
  if (!denied) return;
  const { status, code, message } = refusal("Forbidden.RAM");
  throw new ApiError(status, code, message, {
    AccessDeniedDetail: {
      AuthAction: denied.action,
      AuthPrincipalDisplayName: arn?.split("/").slice(1).join("/") ?? "emulator",
      AuthPrincipalOwnerId: accountId,
      AuthPrincipalType: arn?.includes(":assumed-role/") ? "AssumedRoleUser" : "SubUser",
      NoPermissionType: "ImplicitDeny",
      PolicyType: "AccountLevelIdentityBasedPolicy",
    },
  });
}

const listed = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

/** `*` matches any characters and `?` any one. Action names are compared without regard to case. */
function matches(pattern: string, value: string, ignoreCase: boolean): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s").test(value);
}
