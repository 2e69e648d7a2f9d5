import { refusal } from "../request/api-error";
import type { World } from "../world/world";

/** Refuses what the state of the account forbids. Runs before all other checks. */
export function requireUsableAccount({ account }: World): void {
  if (!account.enterpriseRegistered) throw refusal("AccountEnterpriseStatusInvalid");
  if (!account.mayOrder) throw refusal("AccountForbidden.CreateOrder");
  if (!account.enoughBalance) throw refusal("InvalidAccountStatus.NotEnoughBalance");
  if (!account.snapshotServiceOpen) throw refusal("InvalidAccountStatus.SnapshotServiceUnavailable");
}

/** The key that encrypts a disk or a snapshot must be usable by ECS. The account's default key always is. */
export function requireUsableKey({ account }: World, kmsKeyId: string): void {
  if (kmsKeyId === "") return;
  if (!account.kmsAuthorized) throw refusal("InvalidParameter.KMSKeyId.KMSUnauthorized");
  const key = account.kmsKeys.get(kmsKeyId);
  if (!key?.enabled) throw refusal("InvalidParameter.KMSKeyId.CMKNotEnabled");
  if (!key.taggedForEcs) throw refusal("InvalidParameter.KMSKeyId.CMKUnauthorized");
}
