const ENTITIES: readonly (readonly [entity: string, sign: string])[] = [
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&apos;", "'"],
  ["&#39;", "'"],
  ["&amp;", "&"],
];
const decoded = (text: string) => ENTITIES.reduce((plain, [entity, sign]) => plain.replaceAll(entity, sign), text);
const encoded = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The document with another text in each element that holds text. */
export const mapXml = (xml: string, map: (text: string, name: string) => string): string =>
  xml.replace(
    /<([\w-]+)>([^<]+)<\/\1>/g,
    (_all, name: string, text: string) => `<${name}>${encoded(map(decoded(text), name))}</${name}>`,
  );

/** The elements that hold text, by name; of several of one name, the last. */
export function textsInXml(xml: string): ReadonlyMap<string, string> {
  const texts = [...xml.matchAll(/<([\w-]+)>([^<]*)<\/\1>/g)];
  return new Map(texts.map(([, name = "", text = ""]) => [name, decoded(text)]));
}
