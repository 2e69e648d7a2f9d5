import { randomBytes } from "node:crypto";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import { isoTime } from "../request/fields";
import { integer, text } from "../request/parameters";
import { worldOf } from "../world/accounts";
import type { RamPolicy } from "../world/world";

/**
 * https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole: temporary credentials of
 * a role that trusts this account.
 */
export const assumeRole = action({
  accepts: {
    RoleArn: text({ required: true, matches: /^acs:ram::\d+:role\/.+$/, wrong: "InvalidParameter.RoleArn" }),
    RoleSessionName: text({
      required: true,
      matches: /^[A-Za-z0-9.@_-]{2,64}$/,
      wrong: "InvalidParameter.RoleSessionName",
    }),
    DurationSeconds: integer({ range: [900, 3600], wrong: "InvalidParameter.DurationSeconds" }),
    Policy: text(),
  },

  resources: ({ RoleArn }) => [RoleArn ?? "*"],

  answer(_world, request, { now, cloud, accountId, credentials, credential }) {
    const [, account = "", roleName = ""] = /^acs:ram::(\d+):role\/(.+)$/.exec(request.RoleArn) ?? [];
    const roles = [...(worldOf(cloud, account)?.roles.values() ?? [])];
    const role = roles.find((one) => one.roleName.toLowerCase() === roleName.toLowerCase());
    if (!role) throw refusal("EntityNotExist.Role", roleName);
    const caller = credential.arn ?? `acs:ram::${accountId}:root`;
    if (!role.services.includes(`acs:ram::${accountId}:root`) && !role.services.includes(caller))
      throw refusal("NoPermission");

    const seconds = request.DurationSeconds ?? 3600;
    const session = request.RoleSessionName;
    const arn = `acs:ram::${account}:assumed-role/${role.roleName}/${session}`;
    const made = {
      accessKeyId: `STS.${randomBytes(12).toString("hex")}`,
      accessKeySecret: randomBytes(24).toString("base64url"),
      securityToken: randomBytes(96).toString("base64"),
    };
    credentials.set(made.accessKeyId, {
      ...made,
      accountId: account,
      expiresAtMs: now + seconds * 1000,
      arn,
      policy: { Version: "1", Statement: role.policies.flatMap(({ Statement }) => Statement) },
      ...(request.Policy === undefined ? {} : { sessionPolicy: policyIn(request.Policy) }),
    });
    return {
      AssumedRoleUser: { Arn: arn, AssumedRoleId: `${role.roleId}:${session}` },
      Credentials: {
        AccessKeyId: made.accessKeyId,
        AccessKeySecret: made.accessKeySecret,
        SecurityToken: made.securityToken,
        // In real time, because a client has no other clock.
        Expiration: isoTime(Date.now() + seconds * 1000),
      },
    };
  },
});

function policyIn(json: string): RamPolicy {
  try {
    const policy = JSON.parse(json) as RamPolicy;
    if (Array.isArray(policy.Statement)) return policy;
  } catch {
    // refused below
  }
  throw refusal("InvalidParameter.PolicyGrammar");
}
