import type { HttpRequest } from "../http/message";

/** The bucket and the key that a request names, unescaped. Empty means that it names none. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
}

/** A parameter of the query. OSS treats `?acl` and `?acl=` alike. */
export type Parameter = readonly [name: string, value: string];

/**
 * Virtual-host style (`bucket.oss-cn-hangzhou.aliyuncs.com/key`) if the host has a label before the name of the
 * service. Otherwise path style (`127.0.0.1:4566/bucket/key`), which OSS itself offers only for IP addresses.
 */
export function targetOf(request: HttpRequest): Target {
  const path = unescaped(request.path.slice(1));
  const bucket = bucketInHost(request.hostname);
  if (bucket) return { bucket, key: path };
  const [first = "", ...rest] = path.split("/");
  return { bucket: first, key: rest.join("/") };
}

function bucketInHost(name: string): string | undefined {
  if (/^[\d.]+$|:/.test(name)) return undefined; // an IP address
  const [first = "", ...rest] = name.split(".");
  if (rest.length === 0) return undefined;
  // `oss-cn-hangzhou.aliyuncs.com` and `oss.aliyuncs.com` name the service; a label before them is a bucket.
  return /^oss(-[a-z0-9-]+)?\.aliyuncs\.com$/.test(name) ? undefined : first;
}

export function parametersOf(query: string): Parameter[] {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [unescaped(part), ""] : [unescaped(part.slice(0, at)), unescaped(part.slice(at + 1))];
    });
}

/** The headers of every answer of OSS. Its request ids have 24 hexadecimal digits. */
export const requestIdHeaders = (requestId: string) => ({
  server: "AliyunOSS",
  "x-oss-request-id": requestId.replaceAll("-", "").slice(0, 24),
  "x-oss-server-time": "1",
});

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
