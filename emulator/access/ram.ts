import { ApiError, refusal } from "../request/api-error";
import type { Permission } from "../request/emulation";
import type { Credential } from "../world/credential";
import type { RamPolicy } from "../world/world";

/** RAM's rule: an explicit Deny wins, then an Allow; whatever no statement allows is denied. */
export function isAllowed(policy: RamPolicy, { action, resource }: Permission): boolean {
  const speaking = policy.Statement.filter(
    (statement) =>
      listed(statement.Action).some((pattern) => matches(pattern, action, true)) &&
      listed(statement.Resource).some((pattern) => matches(pattern, resource, false)),
  );
  return speaking.some((s) => s.Effect === "Allow") && !speaking.some((s) => s.Effect === "Deny");
}

/**
 * Refuses what the policies of this credential do not allow. The detail is what
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

/** `*` is any run of characters and `?` any one; action names are compared without regard to case. */
function matches(pattern: string, value: string, ignoreCase: boolean): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s").test(value);
}
