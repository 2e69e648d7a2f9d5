import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isRecord } from "../../fields/same";
import { UNKNOWN } from "../../fields/unknown";
import { plain } from "../../lifecycle/record";

export type Props = Record<string, unknown>;

/** The key that marks an object as one of Pulumi's special values (pulumi/pulumi `sdk/go/common/resource/sig`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** The properties in a request. Unknown values stay the text that the check and diff of `fields` know. */
export function propsOf(struct: Struct | undefined): Props {
  return struct === undefined ? {} : (unwrapped(struct.toJavaScript()) as Props);
}

/** Takes secrets, outputs and references to resources out of their wrapping. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isRecord(value)) return value;
  switch (value[SIGNATURE]) {
    case SECRET:
      return unwrapped(value["value"]);
    case OUTPUT:
      return "value" in value ? unwrapped(value["value"]) : UNKNOWN;
    case RESOURCE:
      return value["id"] ?? value["urn"];
    default:
      return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, unwrapped(held)]));
  }
}

/** An object that came as an output: its own properties, each as it came. */
export function opened(value: unknown): unknown {
  const inner = isRecord(value) && value[SIGNATURE] === OUTPUT && "value" in value ? value["value"] : value;
  return isRecord(value) && inner !== value && value["secret"] === true && isRecord(inner)
    ? Object.fromEntries(Object.entries(inner).map(([key, held]) => [key, { [SIGNATURE]: SECRET, value: held }]))
    : inner;
}

/** A resource as a property. */
export const referenceTo = (urn: string, id: string, packageVersion: string): Props => ({
  [SIGNATURE]: RESOURCE,
  urn,
  id,
  packageVersion,
});

/**
 * Properties as an answer carries them, without what JSON cannot hold. What is secret in `given` is secret in the answer, too: the
 * engine leaves that to a provider that takes secrets.
 */
export const structOf = (props: object, given?: Struct): Struct =>
  Struct.fromJavaScript(
    sealed(plain(props), (given?.toJavaScript() ?? {}) as Props) as Parameters<typeof Struct.fromJavaScript>[0],
  );

/** As the engine does it for a provider that takes no secrets (pulumi/pulumi `provider_plugin.go`, annotateSecrets). */
function sealed(props: Props, given: Props): Props {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => {
      const held = given[key];
      if (isPlainObject(value) && isPlainObject(held)) return [key, sealed(value, held)];
      return [key, hasSecret(held) ? { [SIGNATURE]: SECRET, value } : value];
    }),
  );
}

const isPlainObject = (value: unknown): value is Props => isRecord(value) && value[SIGNATURE] === undefined;

function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (!isRecord(value)) return false;
  const isSecret = value[SIGNATURE] === SECRET || (value[SIGNATURE] === OUTPUT && value["secret"] === true);
  return isSecret || Object.values(value).some(hasSecret);
}
