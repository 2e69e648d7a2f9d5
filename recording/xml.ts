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

/** Elements of which there may be several. */
const REPEATED = /^(Contents|CommonPrefixes)$/;

/** What the root element holds: texts, elements, and lists of those that may be repeated. */
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

/** The elements that hold text, by name; of several of one name, the last. */
export function textsInXml(xml: string): ReadonlyMap<string, string> {
  const texts = [...xml.matchAll(/<([\w-]+)>([^<]*)<\/\1>/g)];
  return new Map(texts.map(([, name = "", text = ""]) => [name, decoded(text)]));
}
