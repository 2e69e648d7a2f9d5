/**
 * Percent-encoding as in RFC 3986, which both signature pages require. `encodeURIComponent` leaves five characters
 * unescaped that must be escaped.
 */
export const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** `a=b&c` as pairs, decoded; `+` is a space, as in a form. */
export function pairsOf(encoded: string): [name: string, value: string][] {
  return encoded
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [decoded(name), decoded(value.join("="))];
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
