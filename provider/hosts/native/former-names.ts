import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import { formerPartName } from "../../resources/golden-image/args";

/**
 * The engine hands the alias of a component on to its resources only in the run that renames the component. If one of
 * them fails in that run, the next run would create it again. So each resource has the former names as its own aliases.
 */
export function formerNamesOf(child: { name: string; types: readonly string[] }, request: ConstructRequest): Alias[] {
  return request.getAliasesList().flatMap((alias) => {
    const parent = formerUrnOf(alias, request);
    const name = formerPartName(child.name, request.getName(), nameIn(parent));
    return child.types.map((type) =>
      new Alias().setSpec(new Alias.Spec().setName(name).setType(type).setParenturn(parent)),
    );
  });
}

function formerUrnOf(alias: Alias, request: ConstructRequest): string {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
  const types = typesIn(parent) === ROOT_TYPE ? "" : typesIn(parent);
  return [
    `urn:pulumi:${spec.getStack() || request.getStack()}`,
    spec.getProject() || request.getProject(),
    `${types && `${types}$`}${spec.getType() || request.getType()}`,
    spec.getName() || request.getName(),
  ].join("::");
}

const ROOT_TYPE = "pulumi:pulumi:Stack";
const typesIn = (urn: string): string => urn.split("::")[2] ?? "";
const nameIn = (urn: string): string => urn.split("::").slice(3).join("::");
