import { credentials } from "@grpc/grpc-js";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type * as pb from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  type RegisterResourceResponse,
  Result,
} from "@pulumi/pulumi/proto/resource_pb";
import { version } from "../../../package.json";
import { UNKNOWN } from "../../fields/unknown";
import { goldenImageTokens } from "../../resources/golden-image/args";
import { formerNamesOf } from "./former-names";
import { PACKAGE, tokenOf } from "./package";
import { type Props, propsOf, structOf } from "./values";

/** A resource that the engine has registered. If it failed or was skipped, only the URN may be known. */
export interface Registered {
  readonly urn: string;
  readonly id: string;
  readonly state: Props;
  readonly isMade: boolean;
}

/** A resource of a component. */
export interface Child {
  readonly type: string;
  readonly name: string;
  readonly args: Props;
  /** For each argument, the URNs that it depends on. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

/** The engine's resource monitor, for the construction of one component. */
export class Monitor {
  private readonly client: ResourceMonitorClient;

  constructor(
    private readonly request: pb.ConstructRequest,
    private readonly provider: string,
  ) {
    this.client = new ResourceMonitorClient(request.getMonitorendpoint(), credentials.createInsecure());
  }

  component(): Promise<Registered> {
    const { request } = this;
    const component = this.registration(request.getType(), request.getName(), request.getParent())
      .setObject(request.getInputs())
      .setDependenciesList(request.getDependenciesList())
      .setAliasesList(request.getAliasesList())
      .setAdditionalsecretoutputsList(request.getAdditionalsecretoutputsList())
      .setIgnorechangesList(request.getIgnorechangesList())
      .setReplaceonchangesList(request.getReplaceonchangesList())
      .setReplaceWithList(request.getReplaceWithList())
      .setReplacementTrigger(request.getReplacementTrigger())
      .setHooks(hooksOf(request));
    for (const [package_, provider] of request.getProvidersMap().entries())
      component.getProvidersMap().set(package_, provider);
    return this.register(component);
  }

  /**
   * Each child names its provider. With only the package's version, the engine may choose another default provider,
   * which runs in another process.
   */
  child(parent: string, { type, name, args, dependencies }: Child): Promise<Registered> {
    const { request } = this;
    const types = goldenImageTokens(type);
    const former = formerNamesOf({ name, types }, request);
    const urns = [...request.getDependenciesList(), ...Object.values(dependencies).flat()];
    const resource = this.registration(tokenOf(type), name, parent)
      .setCustom(true)
      .setVersion(version)
      .setProvider(request.getProvidersMap().get(PACKAGE) ?? this.provider)
      .setObject(structOf(args))
      .setDependenciesList([...new Set(urns)])
      .setAliasesList([...types.filter((one) => one !== tokenOf(type)).map(aliasOf), ...former]);
    for (const [key, on] of Object.entries(dependencies))
      resource.getPropertydependenciesMap().set(key, dependenciesOn(on));
    return this.register(resource);
  }

  outputs(urn: string, outputs: Props): Promise<void> {
    const request = new RegisterResourceOutputsRequest().setUrn(urn).setOutputs(structOf(outputs));
    return new Promise((resolve, reject) =>
      this.client.registerResourceOutputs(request, (error) => (error ? reject(error) : resolve())),
    );
  }

  close(): void {
    this.client.close();
  }

  /** The parts of a registration that the component and its resources have in common. */
  private registration(type: string, name: string, parent: string): RegisterResourceRequest {
    const { request } = this;
    const resource = new RegisterResourceRequest().setType(type).setName(name).setParent(parent);
    if (request.hasProtect()) resource.setProtect(request.getProtect()!);
    if (request.hasRetainondelete()) resource.setRetainondelete(request.getRetainondelete()!);
    return resource
      .setDeletedwith(request.getDeletedwith())
      .setCustomtimeouts(timeoutsOf(request))
      .setParentstacktracehandle(request.getStackTraceHandle())
      .setSupportsresultreporting(true) // otherwise a failed resource ends the run, even with --continue-on-error
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setAliasspecs(true)
      .setSupportspartialvalues(true);
  }

  private async register(request: RegisterResourceRequest): Promise<Registered> {
    const answer = await new Promise<RegisterResourceResponse>((resolve, reject) =>
      this.client.registerResource(request, (error, response) => (error ? reject(error) : resolve(response))),
    );
    const isMade = answer.getResult() === Result.SUCCESS;
    return { urn: answer.getUrn(), id: answer.getId() || UNKNOWN, state: propsOf(answer.getObject()), isMade };
  }
}

const aliasOf = (type: string): Alias => new Alias().setSpec(new Alias.Spec().setType(type));

const dependenciesOn = (urns: readonly string[]) =>
  new RegisterResourceRequest.PropertyDependencies().setUrnsList([...urns]);

function timeoutsOf(request: pb.ConstructRequest): RegisterResourceRequest.CustomTimeouts {
  const given = request.getCustomtimeouts();
  return new RegisterResourceRequest.CustomTimeouts()
    .setCreate(given?.getCreate() ?? "")
    .setUpdate(given?.getUpdate() ?? "")
    .setDelete(given?.getDelete() ?? "")
    .setRead(given?.getRead() ?? "");
}

function hooksOf(request: pb.ConstructRequest): RegisterResourceRequest.ResourceHooksBinding | undefined {
  const hooks = request.getResourceHooks();
  return (
    hooks &&
    new RegisterResourceRequest.ResourceHooksBinding()
      .setBeforeCreateList(hooks.getBeforeCreateList())
      .setAfterCreateList(hooks.getAfterCreateList())
      .setBeforeUpdateList(hooks.getBeforeUpdateList())
      .setAfterUpdateList(hooks.getAfterUpdateList())
      .setBeforeDeleteList(hooks.getBeforeDeleteList())
      .setAfterDeleteList(hooks.getAfterDeleteList())
      .setOnErrorList(hooks.getOnErrorList())
  );
}
