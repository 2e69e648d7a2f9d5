import { action } from "../request/action";

/** https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity */
export const getCallerIdentity = action({
  accepts: {},

  resources: () => [],

  answer(_world, _request, { accountId, credential }) {
    const { arn = `acs:ram::${accountId}:root` } = credential;
    const [, role, session] = /:assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
    if (role !== undefined)
      return {
        AccountId: accountId,
        Arn: arn,
        IdentityType: "AssumedRoleUser",
        PrincipalId: `role-${role}:${session}`,
        RoleId: `role-${role}`,
      };
    const user = /:user\/(.+)$/.exec(arn)?.[1];
    const id = user === undefined ? accountId : `user-${user}`;
    return {
      AccountId: accountId,
      Arn: arn,
      IdentityType: user === undefined ? "Account" : "RAMUser",
      PrincipalId: id,
      UserId: id,
    };
  },
});
