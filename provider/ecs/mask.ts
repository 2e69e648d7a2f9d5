import type { Keys } from "./credentials";

const HIDDEN = "***";

const NAMES_OF_SECRETS =
  "access[-_]?key[-_]?(?:id|secret)|security[-_]?token|signature|authorization|credential|secret|password";

/** Patterns of credentials, of any account: the cloud's messages may repeat a whole request with its signature. */
const SUSPECTS: readonly [RegExp, string][] = [
  [/ACS3-[A-Z0-9-]+\s+Credential=\S+/gi, HIDDEN],
  [/\bBearer\s+\S+/gi, HIDDEN],
  [/\/\/[^\s/@]+@/g, `//${HIDDEN}@`],
  [new RegExp(`((?:${NAMES_OF_SECRETS})\\w*["']?(?:\\s*[=:]\\s*|%3D|%253D)["']?)[^\\s"'&,;%]+`, "gi"), `$1${HIDDEN}`],
  [/\b(?:LTAI|STS\.|TMP\.|CAIS)[A-Za-z0-9+/=_%-]{6,}/g, HIDDEN],
  // Long runs of mixed characters, like tokens and signatures. Ids and names are shorter or less mixed.
  [/(?=[A-Za-z0-9+/=%_]*[a-z])(?=[A-Za-z0-9+/=%_]*[A-Z])(?=[A-Za-z0-9+/=%_]*\d)[A-Za-z0-9+/=%_]{44,}/g, HIDDEN],
  [/\b[0-9a-f]{40,}\b/gi, HIDDEN],
];

/** The text without anything that is a credential or looks like one. */
export function masked(text: string, keys?: Keys): string {
  let shown = text;
  for (const secret of [keys?.securityToken, keys?.accessKeySecret, keys?.accessKeyId]) {
    if (!secret) continue;
    for (const form of new Set([secret, encodeURIComponent(secret), encodeURIComponent(encodeURIComponent(secret))]))
      shown = shown.replaceAll(form, HIDDEN);
  }
  for (const [suspect, cover] of SUSPECTS) shown = shown.replace(suspect, cover);
  return shown;
}

const LONGEST = 400;

/** A message of the cloud as part of a sentence: one short line without mark-up, credentials and full stop. */
export function quotable(message: string, keys?: Keys): string {
  const line = masked(message, keys)
    .replace(/<[^>]*>/g, " ")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line).replace(/[.\s]+$/, "");
}
