import { NAME_LETTER } from "./rules";

const NOT_IN_NAMES = new RegExp(`[^${NAME_LETTER}0-9.:_-]`, "gu");
const NOT_A_LETTER_FIRST = new RegExp(`^(?![${NAME_LETTER}])`, "u");
const MAX_LENGTH = 128;

/**
 * Turns a name into one that ECS accepts. A random suffix keeps a new image from having the name of the one that it
 * replaces.
 */
export function automaticName(given: string, suffix?: string): string {
  const usable = given.replaceAll(NOT_IN_NAMES, "-").replace(NOT_A_LETTER_FIRST, "image-");
  const name = /^(aliyun|acs:|https?:)/i.test(usable) ? `image-${usable}` : usable;
  const ending = suffix === undefined ? "" : `-${suffix}`;
  return `${[...name].slice(0, MAX_LENGTH - ending.length).join("")}${ending}`;
}
