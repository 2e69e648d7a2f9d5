import type { RamPolicy } from "./world";

/** An access key that the emulator accepts. */
export interface Credential {
  /** The id of the access key. */
  accessKeyId: string;
  /** The secret that requests are signed with. */
  accessKeySecret: string;
  /** The account of the key; by default the first one. An account that the world does not have yet is added. */
  accountId?: string;
  /** For a temporary key: the token that each request must carry. */
  securityToken?: string;
  /** When it expires, on the emulator's clock. */
  expiresAtMs?: number;
  /** What its holder may do; by default everything. */
  policy?: RamPolicy;
  /** Narrows `policy`: the policy that was given to AssumeRole. */
  sessionPolicy?: RamPolicy;
  /** The identity that `GetCallerIdentity` returns; by default the account itself. */
  arn?: string;
}
