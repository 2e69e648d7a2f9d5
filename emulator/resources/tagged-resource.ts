import { refusal } from "../request/api-error";
import { list, text } from "../request/parameters";
import type { World } from "../world/world";

export interface TaggedResource {
  readonly tags: Map<string, string>;
  resourceGroupId: string;
  readonly regionId: string;
}

/** The emulated resources that can have tags and resource groups. */
const kinds = { instance: "instances", disk: "disks", snapshot: "snapshots", image: "images" } as const;

export function resourcesOfType(world: World, type: string): ReadonlyMap<string, TaggedResource> {
  if (!Object.hasOwn(kinds, type)) throw refusal("InvalidResourceType.NotFound");
  return world[kinds[type as keyof typeof kinds]];
}

/** The resource with that id. Refuses an id that the account does not have in this region. */
export function resourceOf(world: World, type: string, id: string, regionId: string): TaggedResource {
  const resource = resourcesOfType(world, type).get(id);
  if (!resource || resource.regionId !== regionId || ("owner" in resource && resource.owner !== "self"))
    throw refusal("InvalidResourceId.NotFound");
  return resource;
}

export function requireResourceGroup({ resourceGroups }: World, resourceGroupId: string | undefined): void {
  if (resourceGroupId !== undefined && !resourceGroups.has(resourceGroupId))
    throw refusal("InvalidResourceGroup.NotFound");
}

export const taggedFields = {
  RegionId: text({ required: true, missing: "MissingParameter.RegionId" }),
  ResourceType: text({ required: true, missing: "MissingParameter.ResourceType" }),
  ResourceId: list(text({}), 50, { required: true, tooMany: "NumberExceed.ResourceIds" }),
} as const;

/** `image/m-1` for each id, the form in which a policy names it. */
export const resourceNames = (params: Readonly<Record<string, string>>): string[] =>
  Object.entries(params).flatMap(([name, id]) =>
    /^ResourceId(\.\d+)?$/.test(name) ? [`${params.ResourceType ?? "*"}/${id}`] : [],
  );

/**
 * The values that a policy's conditions can use for one resource of a request (`image/m-1`): its tags, and those in the
 * request. For a resource that the request creates (`image/*`), `ecs:tag/…` means the tags in the request.
 */
export function factsOf(
  resource: string,
  params: Readonly<Record<string, string>>,
  world: World,
): ReadonlyMap<string, string> {
  const [type = "", id = ""] = resource.split("/");
  const held = Object.hasOwn(kinds, type) ? resourcesOfType(world, type).get(id) : undefined;
  const given = Object.entries(params).flatMap(([name, key]) => {
    const [, n] = /^Tag\.(\d+)\.Key$/.exec(name) ?? [];
    return n === undefined ? [] : [[key, params[`Tag.${n}.Value`] ?? ""] as const];
  });
  const named = (prefix: string, tags: Iterable<readonly [string, string]>) =>
    [...tags].map(([key, value]) => [`${prefix}/${key}`, value] as const);
  return new Map([
    ...named("acs:RequestTag", given),
    ...named("acs:ResourceTag", held?.tags ?? []),
    ...named("ecs:tag", held?.tags ?? (id === "*" ? given : [])),
  ]);
}
