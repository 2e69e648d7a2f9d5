import { type ServiceError, status } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { version } from "../../../package.json";
import { sentenceOf } from "../../fields/check";
import type { Fields } from "../../fields/fields";
import { withText } from "../../fields/given";
import { isUnknown, knownPart, UNKNOWN } from "../../fields/unknown";
import {
  goldenImageFailures,
  goldenImageFields,
  goldenImageParts,
  type Part,
  type Parts,
} from "../../resources/golden-image/args";
import { grpcError } from "./errors";
import { Monitor, type Registered } from "./monitor";
import { type Props, propsOf, referenceTo, secret, structOf, unwrappedObject } from "./values";

/**
 * `GoldenImage` as a component of this plugin. It registers the component's resources with the engine's own protocol.
 * The program's values pass through unchanged, including secrets and outputs.
 */
export async function constructGoldenImage(
  request: pb.ConstructRequest,
  provider: string,
  home: string | undefined,
): Promise<pb.ConstructResponse> {
  const parts = partsOf(request, home);
  const monitor = new Monitor(request, provider);
  try {
    const component = await monitor.component();
    const made = await registerParts(parts, request, component.urn, monitor);
    const outputs = outputsOf(made, parts, request, home);
    // Engines before 3.276 skip a component if a resource that it depends on failed, and then refuse the component's
    // outputs.
    if (component.isMade) await monitor.outputs(component.urn, outputs);
    return responseOf(component.urn, outputs, made);
  } catch (error) {
    throw "details" in Object(error)
      ? grpcError(`GoldenImage ${JSON.stringify(request.getName())}: ${(error as ServiceError).details}`)
      : error;
  } finally {
    monitor.close();
  }
}

/** What the engine has registered: the image, then the copies. The shares are in the same order. */
interface Made {
  readonly images: readonly Registered[];
  readonly shares: readonly Registered[];
}

/** Each resource waits only for those that it needs, so a copy that fails stops nothing in other regions. */
async function registerParts(
  { image, copies, shares }: Parts,
  request: pb.ConstructRequest,
  component: string,
  monitor: Monitor,
): Promise<Made> {
  const child = (type: string, { name, args }: Part, sourceArg: string, source: Registered | undefined) => {
    const dependencies = dependenciesOf(args, request);
    return monitor.child(
      component,
      source
        ? {
            type,
            name,
            args: { ...args, [sourceArg]: source.id },
            dependencies: { ...dependencies, [sourceArg]: [source.urn] },
          }
        : { type, name, args, dependencies },
    );
  };
  const first = child(image.type, image, "", undefined);
  const others = copies.map(async (copy) => child("ImageCopy", copy, "sourceImageId", await first));
  const images = [first, ...others];
  const shared = shares.map(async (share, n) => child("ImageSharePermission", share, "imageId", await images[n]));
  const settled = await Promise.allSettled([...images, ...shared]);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return { images: await Promise.all(images), shares: await Promise.all(shared) };
}

/** Arguments of the parts that come from arguments of the component with other names. */
const ORIGINS: Readonly<Record<string, readonly string[]>> = {
  accountIds: ["shareWith"],
  kmsKeyId: ["kmsKeyIds"],
  regionId: ["regions"],
  sourceRegionId: ["regions"],
  test: ["test", "copyTests"],
};

/** For each argument of a part, what the program's value for it depends on. */
function dependenciesOf(args: Props, request: pb.ConstructRequest): Record<string, string[]> {
  const given = request.getInputdependenciesMap();
  const source = Object.keys(Object(propsOf(request.getInputs())["source"]));
  const originsOf = (key: string) =>
    key === "diskDeviceMappings" || source.includes(key) ? ["source"] : (ORIGINS[key] ?? [key]);
  const urnsOf = (key: string) => originsOf(key).flatMap((origin) => given.get(origin)?.getUrnsList() ?? []);
  return Object.fromEntries(Object.keys(args).map((key) => [key, urnsOf(key)]));
}

/** The parts. The check uses the unwrapped values; the parts get the values as they came. */
function partsOf(request: pb.ConstructRequest, home: string | undefined): Parts {
  const name = request.getName();
  const known = withText(goldenImageFields as unknown as Fields<Props>, propsOf(request.getInputs()));
  const failures = goldenImageFailures(known);
  // Outside of a preview, a failed resource may be the reason why something is missing. Then the parts report it, or
  // are skipped.
  if (request.getDryrun() ? failures.length > 0 : failures.some(({ missing }) => !missing))
    throw grpcError(`GoldenImage ${JSON.stringify(name)}: ${sentenceOf(failures)}`, status.INVALID_ARGUMENT);
  const wireArgs = (request.getInputs()?.toJavaScript() ?? {}) as Props;
  const open = ["source", "test", "kmsKeyIds", "copyTests"].filter((key) => wireArgs[key] !== undefined);
  const objects = Object.fromEntries(open.map((key) => [key, unwrappedObject(wireArgs[key])]));
  return goldenImageParts(name, { ...wireArgs, regions: known["regions"] ?? [], ...objects }, home);
}

/** The outputs. A failed resource has no known id, and a state cannot hold an unknown one. */
function outputsOf(
  { images, shares }: Made,
  { copies }: Parts,
  request: pb.ConstructRequest,
  home: string | undefined,
): Props {
  const regions = [home ?? images[0]!.state["regionId"], ...copies.map(({ regionId }) => regionId)];
  const byRegion = Object.fromEntries(regions.map((regionId, n) => [regionId, images[n]!.id]));
  const all: Props = {
    imageId: images[0]!.id,
    imageIds: isUnknown(regions[0] ?? UNKNOWN) ? UNKNOWN : byRegion,
    image: reference(images[0]!),
    copies: images.slice(1).map(reference),
    shares: shares.map(reference),
  };
  const outputs = request.getDryrun() ? all : (knownPart(all) as Props);
  const secrets = request.getAdditionalsecretoutputsList();
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      value !== undefined && secrets.includes(key) ? secret(value) : value,
    ]),
  );
}

const reference = ({ urn, id }: Registered) => referenceTo(urn, isUnknown(id) ? "" : id, version);

function responseOf(urn: string, state: Props, { images, shares }: Made): pb.ConstructResponse {
  const response = new pb.ConstructResponse().setUrn(urn).setState(structOf(state));
  const [image, ...copies] = images;
  const dependencies = { imageId: [image!], imageIds: images, image: [image!], copies, shares };
  for (const [key, resources] of Object.entries(dependencies)) {
    const urns = new pb.ConstructResponse.PropertyDependencies().setUrnsList(resources.map((resource) => resource.urn));
    response.getStatedependenciesMap().set(key, urns);
  }
  return response;
}
