import type { RamPolicy } from "./world";

/** An access key that the emulator accepts. */
export interface Credential {
  /** The id of the access key. */
  accessKeyId: string;
  /** The secret that requests are signed with. */
  accessKeySecret: string;
  /** Whose key it is; without one, the first account's. An account that the world does not have yet is added. */
  accountId?: string;
  /** Of a temporary key: the token that each request must carry. */
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
