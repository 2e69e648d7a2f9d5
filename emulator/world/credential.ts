import type { RamPolicy } from "./world";

/** An access key that the emulator accepts. */
export interface Credential {
  accessKeyId: string;
  accessKeySecret: string;
  /** Whose key it is; without one, the first account's. An account that the world does not have yet is added. */
  accountId?: string;
  securityToken?: string;
  /** On the emulator's clock. */
  expiresAtMs?: number;
  /** What its holder may do; without one, everything. */
  policy?: RamPolicy;
  /** Narrows `policy` further: the one that was given to AssumeRole. */
  sessionPolicy?: RamPolicy;
  /** Whom `GetCallerIdentity` names; without one, the account itself. */
  arn?: string;
}
