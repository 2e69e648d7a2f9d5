import { isRecord } from "../fields/same";

type Props = Record<string, unknown>;

/** The key that marks an object as one of Pulumi's special values (pulumi/pulumi `sdk/go/common/resource/sig`). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Whether a value that came from the engine is secret, or holds something that is. */
export function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (!isRecord(value)) return false;
  const isSecret = value[SIGNATURE] === SECRET || (value[SIGNATURE] === OUTPUT && value["secret"] === true);
  return isSecret || Object.values(value).some(hasSecret);
}

/**
 * The same properties, these of them as secrets. The engine takes them from any provider, also from one that it sends
 * none to.
 */
export const asSecrets = (props: Props, keys: readonly string[]): Props => {
  const plain = keys.filter((key) => props[key] !== undefined && !hasSecret(props[key]));
  return { ...props, ...Object.fromEntries(plain.map((key) => [key, { [SIGNATURE]: SECRET, value: props[key] }])) };
};
