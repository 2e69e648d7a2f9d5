import { createHmac } from "node:crypto";

/** What identifies somebody in any string: addresses, ids of the cloud, request ids, account numbers, access keys. */
const IDENTIFYING = new RegExp(
  [
    /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/, // addresses of IPv4
    /(?<![\w:])(?=[0-9a-f:]*[a-f])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/, // and of IPv6
    /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/, // request ids
    /(?<![a-z0-9])[a-z]{1,4}-(?=[a-z]*\d)[a-z0-9]{9,}(?![a-z0-9-])/, // ids of the cloud
    /(?<!\d)\d{10,}(?!\d)/, // account numbers
    /\b(?:LTAI|STS\.|TMP\.)\w{8,}/, // access keys
    /[^\s"'<>@=]+@[^\s"'<>=]+/, // addresses of mail
  ]
    .map(({ source }) => source)
    .join("|"),
  "giu",
);

/** A word in what is left of a string. What stands between words stays, as the form of an ARN, a key or a list. */
const WORD = /[^\s/,:._"'()=&?@[\]{}<>;|\\]+/gu;

/**
 * The pseudonym of a string is the same in all processes that have the key. Without the key it cannot be traced back.
 */
export interface Pseudonyms {
  /** For a string that somebody chose. Nothing of it stays. */
  ofChosen(text: string): string;
  /** For a string of the cloud. Only what identifies somebody is replaced. */
  ofCloud(text: string): string;
}

export function pseudonyms(key: string): Pseudonyms {
  const digest = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  const ofKnownForm = (text: string) => knownForm(text, digest) ?? wordForm(text, digest);
  const ofWords = (text: string) => text.replace(WORD, (word) => wordForm(word, digest));
  return {
    ofCloud: (text) => text.replace(IDENTIFYING, ofKnownForm),
    ofChosen(text) {
      let shown = "";
      let from = 0;
      for (const { 0: telling, index } of text.matchAll(IDENTIFYING)) {
        shown += ofWords(text.slice(from, index)) + ofKnownForm(telling);
        from = index + telling.length;
      }
      return shown + ofWords(text.slice(from));
    },
  };
}

type Digest = (text: string) => string;

/** Up to fifty letters and digits. */
const letters = (hash: string, length: number) => BigInt(`0x1${hash}`).toString(36).slice(-length);

/** A pseudonym of the same form, or undefined if the string has no known form. */
function knownForm(text: string, digest: Digest): string | undefined {
  const hash = digest(text);
  const byte = (at: number) => parseInt(hash.slice(at, at + 2), 16);
  // This range is reserved for tests.
  if (/^\d+(\.\d+){3}$/.test(text)) return `198.${18 + (byte(0) % 2)}.${byte(2)}.${byte(4)}`;
  if (text.includes("@")) return `${letters(hash, 8)}@example.com`;
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-/i.test(text)) {
    const id = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
    return text === text.toUpperCase() ? id.toUpperCase() : id;
  }
  if (/^\d+$/.test(text))
    return `1${BigInt(`0x1${hash}`)
      .toString()
      .slice(1 - text.length)}`;
  if (text.includes(":")) return `2001:db8::${hash.slice(0, 4)}:${hash.slice(4, 8)}`;
  const [, prefix, id] = /^([a-z]{1,4}-)([a-z0-9]+)$/i.exec(text) ?? [];
  return prefix && id ? `${prefix}${letters(hash, id.length)}` : undefined;
}

function wordForm(text: string, digest: Digest): string {
  if ([...text].length === 1) return text; // part of the form of a list or of an owner tag
  const hash = digest(text);
  // Hashes keep their form: ETags, and the values of owner tags.
  if (/^(?=.*\d)(?:[0-9a-f]{8,64}|[0-9A-F]{8,64})$/.test(text))
    return text === text.toUpperCase() ? hash.slice(0, text.length).toUpperCase() : hash.slice(0, text.length);
  return `n${letters(hash, Math.min(Math.max(text.length, 7), 24) - 1)}`;
}
