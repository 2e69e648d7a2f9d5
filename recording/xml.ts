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

/** The document with each element's text mapped. */
export const mapXml = (xml: string, map: (text: string, name: string) => string): string =>
  xml.replace(
    /<([\w-]+)>([^<]+)<\/\1>/g,
    (_all, name: string, text: string) => `<${name}>${encoded(map(decoded(text), name))}</${name}>`,
  );

/** Elements that may occur several times. */
const REPEATED = /^(Contents|CommonPrefixes)$/;

/** The content of the root element: strings, elements, and lists of those that may be repeated. */
export function valueInXml(xml: string): Readonly<Record<string, unknown>> {
  const [, , content = ""] = /<([\w-]+)[^>]*>([\s\S]*)<\/\1>\s*$/.exec(xml) ?? [];
  return Object(valueIn(content));
}

function valueIn(content: string): unknown {
  const elements = [...content.matchAll(/<([\w-]+)[^>]*?(?:\/>|>([\s\S]*?)<\/\1>)/g)];
  if (elements.length === 0) return decoded(content);
  const value: Record<string, unknown> = {};
  for (const [, name = "", inner = ""] of elements)
    value[name] = REPEATED.test(name) ? [...((value[name] as unknown[]) ?? []), valueIn(inner)] : valueIn(inner);
  return value;
}

/** The text of each element that has text, by its name. Of several elements with one name, the last one counts. */
export function textsInXml(xml: string): ReadonlyMap<string, string> {
  const texts = [...xml.matchAll(/<([\w-]+)>([^<]*)<\/\1>/g)];
  return new Map(texts.map(([, name = "", text = ""]) => [name, decoded(text)]));
}
