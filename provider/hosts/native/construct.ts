import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  type RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { version } from "../../../package.json";
import { failuresIn } from "../../fields/check";
import type { Fields } from "../../fields/fields";
import { isUnknown, UNKNOWN } from "../../fields/unknown";
import { goldenImageFields, goldenImageParts, type Part } from "../../resources/golden-image/args";
import { grpcError } from "./errors";
import { PACKAGE, tokenOf } from "./package";
import { opened, type Props, propsOf, referenceTo, structOf } from "./values";

/** A resource that the engine has registered. */
interface Registered {
  readonly urn: string;
  readonly id: string;
  readonly state: Props;
}

/**
 * `GoldenImage` as a component of this plugin. The engine asks for its resources, and this registers them by the engine's own protocol:
 * the values that the program gave pass through as they came, secrets and outputs included. Each gets the
 * provider that constructs it: by the package's version alone the engine may choose another default provider, in another process.
 */
export async function constructGoldenImage(
  request: pb.ConstructRequest,
  provider: string,
  home: string | undefined,
): Promise<pb.ConstructResponse> {
  const name = request.getName();
  const parts = partsOf(request, home);
  const monitor = new ResourceMonitorClient(request.getMonitorendpoint(), credentials.createInsecure());
  try {
    const component = await register(monitor, componentRequest(request));
    const child = (type: string, part: Part, more: Props, after: readonly Registered[]) =>
      register(
        monitor,
        childRequest(request, component.urn, type, { ...part, args: { ...part.args, ...more } }, after).setProvider(
          request.getProvidersMap().get(PACKAGE) ?? provider,
        ),
      );

    const image = await child(parts.image.type, parts.image, {}, []);
    const copies = await Promise.all(
      parts.copies.map((copy) => child("ImageCopy", copy, { sourceImageId: image.id }, [image])),
    );
    const images = [image, ...copies];
    const shares = await Promise.all(
      parts.shares.map((share, n) => child("ImageSharePermission", share, { imageId: images[n]!.id }, [images[n]!])),
    );

    const regions = [home ?? image.state["regionId"], ...parts.copies.map(({ regionId }) => regionId)];
    const outputs = {
      imageId: image.id,
      imageIds: isUnknown(regions[0])
        ? UNKNOWN
        : Object.fromEntries(regions.map((regionId, n) => [regionId, images[n]!.id])),
      image: reference(image),
      copies: copies.map(reference),
      shares: shares.map(reference),
    };
    await outputsOf(monitor, component.urn, outputs);
    return responseOf(component.urn, outputs, { imageId: [image], imageIds: images, image: [image], copies, shares });
  } catch (error) {
    throw "details" in Object(error)
      ? grpcError(`GoldenImage ${JSON.stringify(name)}: ${(error as ServiceError).details}`)
      : error;
  } finally {
    monitor.close();
  }
}

/** Checked with the values taken out of their wrapping; made of the values as they came. */
function partsOf(request: pb.ConstructRequest, home: string | undefined) {
  const name = request.getName();
  const known = propsOf(request.getInputs());
  const failures = failuresIn(goldenImageFields as unknown as Fields<Props>, known);
  if (failures.length > 0) {
    const reasons = failures.map(({ reason }) => reason).join("; ");
    throw grpcError(`GoldenImage ${JSON.stringify(name)}: ${reasons}`, status.INVALID_ARGUMENT);
  }
  const regions = known["regions"] ?? [];
  if (isUnknown(regions) || (regions as unknown[]).some(isUnknown))
    throw grpcError(`GoldenImage ${JSON.stringify(name)}: regions must be known at a preview`, status.INVALID_ARGUMENT);
  const raw = (request.getInputs()?.toJavaScript() ?? {}) as Props;
  return goldenImageParts(name, { ...raw, regions, source: opened(raw["source"]) }, home);
}

function componentRequest(request: pb.ConstructRequest): RegisterResourceRequest {
  const component = new RegisterResourceRequest()
    .setType(request.getType())
    .setName(request.getName())
    .setParent(request.getParent())
    .setObject(request.getInputs())
    .setDependenciesList(request.getDependenciesList())
    .setAliasesList(request.getAliasesList());
  for (const [package_, provider] of request.getProvidersMap().entries())
    component.getProvidersMap().set(package_, provider);
  return withOptions(component, request);
}

function childRequest(
  request: pb.ConstructRequest,
  parent: string,
  type: string,
  { name, args }: Part,
  after: readonly Registered[],
): RegisterResourceRequest {
  const given = [...request.getInputdependenciesMap().entries()].flatMap(([, urns]) => urns.getUrnsList());
  const { Create, Update, Delete } = timeoutsOf(request);
  return withOptions(
    new RegisterResourceRequest()
      .setType(tokenOf(type))
      .setName(name)
      .setParent(parent)
      .setCustom(true)
      .setVersion(version)
      .setObject(structOf(args))
      .setDependenciesList([...new Set([...request.getDependenciesList(), ...given, ...after.map(({ urn }) => urn)])])
      .setAliasesList([new Alias().setSpec(new Alias.Spec().setType(`pulumi-nodejs:dynamic/${PACKAGE}:${type}`))])
      .setCustomtimeouts(
        new RegisterResourceRequest.CustomTimeouts().setCreate(Create).setUpdate(Update).setDelete(Delete),
      ),
    request,
  );
}

const timeoutsOf = (request: pb.ConstructRequest) => {
  const timeouts = request.getCustomtimeouts();
  return {
    Create: timeouts?.getCreate() ?? "",
    Update: timeouts?.getUpdate() ?? "",
    Delete: timeouts?.getDelete() ?? "",
  };
};

/** What holds for the component and for each of its resources. */
function withOptions(resource: RegisterResourceRequest, request: pb.ConstructRequest): RegisterResourceRequest {
  if (request.hasProtect()) resource.setProtect(request.getProtect()!);
  if (request.hasRetainondelete()) resource.setRetainondelete(request.getRetainondelete()!);
  return resource
    .setDeletedwith(request.getDeletedwith())
    .setAcceptsecrets(true)
    .setAcceptresources(true)
    .setAliasspecs(true)
    .setSupportspartialvalues(true);
}

async function register(monitor: ResourceMonitorClient, request: RegisterResourceRequest): Promise<Registered> {
  const answer = await new Promise<RegisterResourceResponse>((resolve, reject) =>
    monitor.registerResource(request, (error, response) => (error ? reject(error) : resolve(response))),
  );
  return { urn: answer.getUrn(), id: answer.getId() || UNKNOWN, state: propsOf(answer.getObject()) };
}

const outputsOf = (monitor: ResourceMonitorClient, urn: string, outputs: Props): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = new RegisterResourceOutputsRequest().setUrn(urn).setOutputs(structOf(outputs));
    monitor.registerResourceOutputs(request, (error) => (error ? reject(error) : resolve()));
  });

const reference = ({ urn, id }: Registered) => referenceTo(urn, isUnknown(id) ? "" : id, version);

function responseOf(
  urn: string,
  state: Props,
  dependencies: Readonly<Record<string, readonly Registered[]>>,
): pb.ConstructResponse {
  const response = new pb.ConstructResponse().setUrn(urn).setState(structOf(state));
  for (const [key, resources] of Object.entries(dependencies)) {
    const urns = new pb.ConstructResponse.PropertyDependencies().setUrnsList(resources.map((resource) => resource.urn));
    response.getStatedependenciesMap().set(key, urns);
  }
  return response;
}
