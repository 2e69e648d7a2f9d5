import { isAllowed } from "../access/ram";
import { tagsOfImage } from "../images/new-image";
import { launchableImage, networkOf, newestOf, releaseTimeOf, requireCores, typeFor } from "../instances/launch";
import { addInstance, startOf } from "../instances/new-instance";
import { action } from "../request/action";
import { refusal } from "../request/api-error";
import type { Context } from "../request/emulation";
import { anyImageFamily, clientToken, tagsToSet } from "../request/fields";
import { answerOnce } from "../request/idempotence";
import { flag, group, integer, type Parsed, text } from "../request/parameters";
import { requireResourceGroup } from "../resources/tagged-resource";
import { takeScenario } from "../world/scenario";
import type { World } from "../world/world";

const diskCategories = ["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"];

const { required: _family, ...familyIfGiven } = anyImageFamily;

const accepts = {
  RegionId: text({ required: true }),
  ImageId: text(),
  ImageFamily: familyIfGiven,
  InstanceType: text(),
  SecurityGroupId: text(),
  VSwitchId: text(),
  InstanceName: text({
    matches: /^(?!https?:\/\/)[\p{L}][\p{L}\p{N}:_.-]{1,127}$/u,
    wrong: "InvalidInstanceName.Malformed",
  }),
  InstanceChargeType: text({ oneOf: ["PostPaid"], wrong: "InvalidInstanceChargeType.NotFound" }),
  SystemDisk: group({
    Category: text({ oneOf: diskCategories, wrong: "InvalidSystemDiskCategory.ValueNotSupported" }),
  }),
  RamRoleName: text(),
  AutoReleaseTime: text({ emptyCounts: true }),
  Amount: integer({ range: [1, 100] }),
  Tag: tagsToSet("QuotaExceed.Tags"),
  ResourceGroupId: text(),
  ClientToken: clientToken,
  DryRun: flag(),
} as const;
type Request = Parsed<typeof accepts>;

/**
 * Pay-as-you-go instances only:
 * https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-runinstances
 */
export const runInstances = action({
  accepts,

  // For a family, the policy must allow the image that the family resolves to.
  resources({ ImageId, ImageFamily, SecurityGroupId }, { cloud, world, regionId, now }) {
    const newest = ImageId === undefined ? newestOf({ cloud, world, now }, ImageFamily, regionId)?.imageId : ImageId;
    return ["instance/*", `image/${newest ?? "*"}`, `securitygroup/${SecurityGroupId ?? "*"}`];
  },

  answer(world, request, context) {
    return answerOnce(world, { action: "RunInstances", token: request.ClientToken, params: context.params }, () => {
      const tags = tagsOfImage(world, request.Tag);
      requireResourceGroup(world, request.ResourceGroupId);
      const launch = launchOf(world, request, context);
      requireRole(world, request.RamRoleName, context);
      if (request.DryRun) throw refusal("DryRunOperation");
      const instanceIds = Array.from({ length: request.Amount ?? 1 }, () => {
        const start = startOf(takeScenario(world.scenarios, "RunInstances"), context.durations, context.now);
        return addInstance(world, { ...launch, tags, start }, context.now).instanceId;
      });
      context.changed();
      return { InstanceIdSets: { InstanceIdSet: instanceIds } };
    });
  },
});

/** Runs every check that may refuse the request, and returns the launch. */
function launchOf(world: World, request: Request, { cloud, regionId, now }: Context) {
  const { vSwitch, group } = networkOf(world, request, regionId);
  const image = launchableImage({ cloud, world, now }, request, regionId);
  const type = typeFor(world, request.InstanceType, image, vSwitch);
  const releasedAtMs = releaseTimeOf(request.AutoReleaseTime, now);
  if (!world.account.enoughBalance) throw refusal("InvalidAccountStatus.NotEnoughBalance");
  requireCores(world, type, request.Amount ?? 1, regionId);
  return {
    image,
    instanceType: type.id,
    vSwitch,
    group,
    instanceName: request.InstanceName,
    diskCategory: request.SystemDisk.Category ?? "cloud_efficiency",
    resourceGroupId: request.ResourceGroupId ?? "",
    releasedAtMs,
  };
}

/** The role of the instance. The caller needs permission to pass it. */
function requireRole({ roles }: World, name: string | undefined, { credential, accountId }: Context): void {
  if (name === undefined) return;
  const role = roles.get(name);
  if (!role) throw refusal("InvalidRamRole.NotFound");
  if (!role.services.includes("ecs.aliyuncs.com")) throw refusal("InvalidRamRole.NotEcsRole");
  const passing = { action: "ram:PassRole", resource: `acs:ram:*:${accountId}:role/${name}` };
  const policies = [credential.policy, credential.sessionPolicy].filter((policy) => policy !== undefined);
  if (!policies.every((policy) => isAllowed(policy, passing))) throw refusal("InvalidUser.PassRoleForbidden");
}
