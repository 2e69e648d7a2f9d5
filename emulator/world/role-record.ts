/** A RAM role. */
export interface RoleRecord {
  /** For example `AliyunECSImageImportDefaultRole`. */
  roleName: string;
  /** The id, which the sessions of the role show. */
  roleId: string;
  /** Services that may assume it, for example `ecs.aliyuncs.com`. */
  services: string[];
  /** What the role may do. */
  policies: RamPolicy[];
  /** ECS does not know the role before this time. A new role takes a minute to take effect. */
  countsFromMs?: number;
}

/** A RAM policy, as the RAM console shows it. */
export interface RamPolicy {
  /** Always `1`. */
  Version: string;
  /** An action is allowed if a statement allows it and none denies it. */
  Statement: RamStatement[];
}

/** One statement of a policy. `*` matches any text, `?` any character. */
export interface RamStatement {
  /** Whether it allows or denies. */
  Effect: "Allow" | "Deny";
  /** For example `ecs:CreateImage` or `ecs:Describe*`. */
  Action: string | string[];
  /** For example `acs:ecs:*:*:image/*`. */
  Resource: string | string[];
  /**
   * When it holds, by operator and key: `{ "StringEquals": { "acs:ResourceTag/team": ["web"] } }`. The keys are
   * `acs:ResourceTag/…` and `ecs:tag/…` (tags of the resource) and `acs:RequestTag/…` (tags in the request). A key
   * that a call does not have equals nothing.
   */
  Condition?: Record<string, Record<string, string | string[]>>;
}
