import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { ConstructRequest } from "@pulumi/pulumi/proto/provider_pb";
import { urnParts } from "../../lifecycle/ownership";
import { formerPartName } from "../../resources/golden-image/args";

/** The aliases of a resource of the component, made from the component's own (see `formerPartName`). */
export function formerNamesOf(child: { name: string; types: readonly string[] }, request: ConstructRequest): Alias[] {
  return request.getAliasesList().flatMap((alias) => {
    const parent = formerUrnOf(alias, request);
    const name = formerPartName(child.name, request.getName(), urnParts(parent).name);
    return child.types.map((type) =>
      new Alias().setSpec(new Alias.Spec().setName(name).setType(type).setParenturn(parent)),
    );
  });
}

function formerUrnOf(alias: Alias, request: ConstructRequest): string {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
  const { types } = urnParts(parent);
  return [
    `urn:pulumi:${spec.getStack() || request.getStack()}`,
    spec.getProject() || request.getProject(),
    `${types === "" || types === ROOT_TYPE ? "" : `${types}$`}${spec.getType() || request.getType()}`,
    spec.getName() || request.getName(),
  ].join("::");
}

const ROOT_TYPE = "pulumi:pulumi:Stack";
