import { isRecord } from "../fields/same";

type Props = Record<string, unknown>;

/** The key of Pulumi's special values (pulumi/pulumi `sdk/go/common/resource/sig`). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Whether a value from the engine is secret or contains a secret. */
export function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (!isRecord(value)) return false;
  const isSecret = value[SIGNATURE] === SECRET || (value[SIGNATURE] === OUTPUT && value["secret"] === true);
  return isSecret || Object.values(value).some(hasSecret);
}

/**
 * The properties with the given ones marked as secret. The engine accepts marks from any provider, even from one to
 * which it sends none.
 */
export const asSecrets = (props: Props, keys: readonly string[]): Props => {
  const plain = keys.filter((key) => props[key] !== undefined && !hasSecret(props[key]));
  return { ...props, ...Object.fromEntries(plain.map((key) => [key, { [SIGNATURE]: SECRET, value: props[key] }])) };
};
