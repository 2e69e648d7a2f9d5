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

/**
 * Takes secrets, outputs and references to resources out of their wrapping. The engine wraps none of them where the provider
 * declines them, except in the provider's own configuration, and in what a component is given.
 */
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

/** Properties as an answer carries them, without what JSON cannot hold. */
export const structOf = (props: object): Struct =>
  Struct.fromJavaScript(plain(props) as Parameters<typeof Struct.fromJavaScript>[0]);
