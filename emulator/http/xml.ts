import { Builder } from "xml2js";

/** The content of an element: text, elements, or several elements with one name. Undefined content is left out. */
export interface Elements {
  readonly [name: string]: Content | readonly Content[] | undefined;
}
type Content = string | number | boolean | Elements;

export const xmlDocument = (root: string, content: Content): string =>
  new Builder({
    rootName: root,
    renderOpts: { pretty: false },
    xmldec: { version: "1.0", encoding: "UTF-8" },
  }).buildObject(given(content));

function given(content: Content | readonly Content[]): unknown {
  if (Array.isArray(content)) return content.map(given);
  if (typeof content !== "object") return content;
  return Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => (value === undefined ? [] : [[name, given(value)]])),
  );
}
