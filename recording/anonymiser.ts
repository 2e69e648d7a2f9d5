import type { Exchange } from "./exchange";
import { type Pseudonyms, pseudonyms } from "./pseudonyms";
import { roleOf } from "./values";
import { mapXml } from "./xml";

/** The key of our own tags. Keys are the same for everybody; values are hashes, ids and states. */
const OWN_TAG = /^pulumi-alicloud-image:/;
/** The end of an object's key that ECS has appended, the disk and the format, stays as it is. */
const KEY_TAIL =
  /(_(system|data_xvd[b-z]))?\.(raw|vhd|qcow2|vmdk|vdi|tar|gz|iso)(\.tar\.gz|\.gz)?$|^(raw|vhd|qcow2|vmdk|vdi)$/i;
/** A replaced string of at least this length is replaced in messages, too. */
const SHORTEST_NAME = 3;

/**
 * Replaces everything that identifies the owner of a recording: ids, account numbers, names, keys, signatures and
 * addresses. All processes with the same key replace a string in the same way, so references stay intact.
 */
export function anonymiser(key: string): (exchange: Exchange) => Exchange {
  const one = new Anonymiser(pseudonyms(key));
  return (exchange) => one.exchange(exchange);
}

class Anonymiser {
  /** Each replaced string with its replacement. Messages repeat parts of the request in their own words. */
  private readonly replaced = new Map<string, string>();

  constructor(private readonly pseudonyms: Pseudonyms) {}

  exchange({ params, headers, body, ...rest }: Exchange): Exchange {
    const shown = this.params(params);
    const unsaid =
      typeof body === "string" ? mapXml(body, (text, name) => this.text(text, name)) : this.value(body, "");
    return { ...rest, params: shown, headers: this.headers(headers), body: this.withMessages(unsaid) };
  }

  /** The value at `Tag.1.Key` is treated as `Tag.Key`; the tag's value is beside it. */
  private params(params: Exchange["params"]): Exchange["params"] {
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => {
        const tagKey = /^Tag\w*\./.test(name) ? params[name.replace(/(Value|Key)$/, "Key")] : undefined;
        const path = name.replace(/\.\d+(?=\.|$)/g, "");
        return [name, this.text(value, path, path === "TagKey" ? value : tagKey)];
      }),
    );
  }

  /** A header that holds an error body in base64 is treated like that body. */
  private headers(headers: Exchange["headers"]): Exchange["headers"] {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => {
        if (name !== "x-oss-err") return [name, this.text(value, name)];
        const error = mapXml(Buffer.from(value, "base64").toString(), (text, element) => this.text(text, element));
        return [name, Buffer.from(String(this.withMessages(error))).toString("base64")];
      }),
    );
  }

  private value(value: unknown, path: string): unknown {
    if (typeof value === "string") return this.text(value, path);
    if (typeof value === "number") return this.number(value, path);
    if (Array.isArray(value)) return value.map((item) => this.value(item, path));
    return typeof value === "object" && value !== null ? this.members(value as Row, path) : value;
  }

  private members(row: Row, path: string): Row {
    const tagKey = [row["TagKey"], row["Key"]].find((one) => typeof one === "string");
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const at = `${path.slice(path.lastIndexOf(".") + 1)}.${name}`;
        const shown = typeof value === "string" ? this.text(value, at, tagKey) : this.value(value, at);
        return [/^\w{1,40}$/.test(name) ? name : this.chosen(name), shown];
      }),
    );
  }

  private number(value: number, path: string): number {
    const isHarmless = roleOf(path) === "own" || Math.abs(value) < 100_000;
    return isHarmless ? value : Number(this.pseudonyms.ofCloud(String(value).padStart(10, "0")));
  }

  private text(text: string, path: string, tagKey?: string): string {
    const role = roleOf(path);
    if (role === "message") return text; // replaced last, when all replacements are known
    if (role === "own") return this.pseudonyms.ofCloud(text);
    if (tagKey !== undefined && OWN_TAG.test(tagKey)) return OWN_TAG.test(text) ? text : this.mark(text);
    if (role === "host") return this.host(text);
    const list = /^\[.*\]$/s.test(text) ? jsonIn(text) : undefined;
    if (list !== undefined) return JSON.stringify(this.value(list, path));
    // A list of objects that was requested with the keys escaped as in URLs.
    if (role === "key" && /%[0-9A-F]{2}/.test(text))
      return encodeURIComponent(this.text(decodeURIComponent(text), path));
    const tail = role === "key" ? (KEY_TAIL.exec(text)?.[0] ?? "") : "";
    return this.chosen(text, tail);
  }

  private chosen(text: string, tail = ""): string {
    const shown = this.pseudonyms.ofChosen(text.slice(0, text.length - tail.length)) + tail;
    if (text.length >= SHORTEST_NAME && text !== shown) this.replaced.set(text, shown);
    return shown;
  }

  /** `2.<stack>.<resource>.<fingerprint>.<creation id>.<image id>`, `pending.<stack>` */
  private mark(text: string): string {
    return text.replace(/[0-9a-f]{12,}|\w+-[a-z0-9]{6,}/g, (part) => this.pseudonyms.ofChosen(part));
  }

  /** The hosts of the cloud are public; a bucket in front of one is not. */
  private host(text: string): string {
    const [own = ""] = /(^|\.)(oss-|ecs[-.]|sts\.)[\w.-]*aliyuncs\.com$/.exec(text) ?? [];
    return this.chosen(text, own);
  }

  private withMessages(body: unknown): unknown {
    const said = (text: string, name: string) => (roleOf(name) === "message" ? this.message(text) : text);
    if (typeof body === "string") return mapXml(body, said);
    if (Array.isArray(body)) return body.map((item) => this.withMessages(item));
    if (typeof body !== "object" || body === null) return body;
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => [
        name,
        typeof value === "string" ? said(value, name) : this.withMessages(value),
      ]),
    );
  }

  private message(text: string): string {
    if (/string ?to ?sign/i.test(text)) return "(a message that repeats what was signed)";
    const names = [...this.replaced].filter(([name]) => text.includes(name)).sort(([a], [b]) => b.length - a.length);
    return this.pseudonyms.ofCloud(names.reduce((said, [name, shown]) => said.replaceAll(name, shown), text));
  }
}

type Row = Record<string, unknown>;

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
