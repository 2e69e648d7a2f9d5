import { refusal } from "./api-error";
import type { Credential, Permission } from "./emulation";
import type { RamPolicy } from "./world";

/** RAM's rule: an explicit Deny wins, then an Allow; whatever no statement allows is denied. */
export function isAllowed(policy: RamPolicy, { action, resource }: Permission): boolean {
  const speaking = policy.Statement.filter(
    (statement) => listed(statement.Action).some((pattern) => matches(pattern, action, true)) && listed(statement.Resource).some((pattern) => matches(pattern, resource, false)),
  );
  return speaking.some((s) => s.Effect === "Allow") && !speaking.some((s) => s.Effect === "Deny");
}

export function demandPermissions(credential: Credential, permissions: readonly Permission[]): void {
  const { policy } = credential;
  if (policy && permissions.some((permission) => !isAllowed(policy, permission))) throw refusal("Forbidden.RAM");
}

const listed = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

/** `*` is any run of characters and `?` any one; action names are compared without regard to case. */
function matches(pattern: string, value: string, ignoreCase: boolean): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s").test(value);
}
