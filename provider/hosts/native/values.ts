// Converts between the engine's property values and plain values.

import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isRecord } from "../../fields/same";
import { UNKNOWN } from "../../fields/unknown";
import { plain } from "../../lifecycle/record";
import { asSecrets, hasSecret, OUTPUT, SECRET, SIGNATURE } from "../secrets";

export type Props = Record<string, unknown>;

/** The signature of a reference to a resource (pulumi/pulumi `sdk/go/common/resource/sig`). */
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** The properties of a request. Unknown values stay the strings that `fields` knows. */
export function propsOf(struct: Struct | undefined): Props {
  return struct === undefined ? {} : (unwrapped(struct.toJavaScript()) as Props);
}

/** Unwraps secrets, outputs and references to resources. */
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

/** An object inside an output or a secret: its own properties as they came, or as a secret. */
export function unwrappedObject(value: unknown): unknown {
  const isWrapped = isRecord(value) && (value[SIGNATURE] === OUTPUT || value[SIGNATURE] === SECRET);
  if (!isWrapped || !isRecord(value["value"])) return value;
  const isSecret = value[SIGNATURE] === SECRET || value["secret"] === true;
  const inner = Object.entries(value["value"]);
  return Object.fromEntries(inner.map(([key, held]) => [key, isSecret ? secret(held) : held]));
}

export const secret = (value: unknown): Props => ({ [SIGNATURE]: SECRET, value });

/** A resource as a property. */
export const referenceTo = (urn: string, id: string, packageVersion: string): Props => ({
  [SIGNATURE]: RESOURCE,
  urn,
  id,
  packageVersion,
});

/**
 * Properties of an answer, without what JSON cannot hold. What is secret in `given` is secret in the answer, and so are
 * the properties in `alsoSecret`: the engine leaves that to a provider that accepts secrets.
 */
export const structOf = (props: object, given?: Struct, alsoSecret: readonly string[] = []): Struct =>
  Struct.fromJavaScript(
    asSecrets(sealed(plain(props), (given?.toJavaScript() ?? {}) as Props), alsoSecret) as Parameters<
      typeof Struct.fromJavaScript
    >[0],
  );

/** The names of properties that are secret or contain a secret. */
export const secretKeysIn = (struct: Struct | undefined): string[] =>
  Object.entries((struct?.toJavaScript() ?? {}) as Props).flatMap(([key, value]) => (hasSecret(value) ? [key] : []));

/**
 * Marks secrets as the engine does for a provider that accepts none (pulumi/pulumi `provider_plugin.go`,
 * annotateSecrets).
 */
function sealed(props: Props, given: Props): Props {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => {
      const held = given[key];
      if (isPlainObject(value) && isPlainObject(held)) return [key, sealed(value, held)];
      return [key, hasSecret(held) ? secret(value) : value];
    }),
  );
}

const isPlainObject = (value: unknown): value is Props => isRecord(value) && value[SIGNATURE] === undefined;
