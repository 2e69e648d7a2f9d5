import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { Failure } from "../../provider/failure";
import { exchange } from "../../provider/http/exchange";
import { proxyFor } from "../../provider/http/proxy";
import { openProxy } from "../support/proxy";

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
const before = new Map(VARIABLES.map((name) => [name, process.env[name]]));
beforeEach(() => VARIABLES.forEach((name) => void delete process.env[name]));
afterAll(() => before.forEach((value, name) => void (value !== undefined && (process.env[name] = value))));

const ends: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return (server.address() as AddressInfo).port;
}

async function proxyTo(options: Parameters<typeof openProxy>[0]) {
  const proxy = await openProxy(options);
  ends.push(() => proxy.close());
  return proxy;
}

const get = (url: string, timeoutMs = 5_000) => exchange({ method: "GET", url: new URL(url), timeoutMs });

async function portOf(server: TcpServer): Promise<number> {
  if (!server.listening) await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("an answer that is compressed without being asked", () => {
  const text = JSON.stringify({ ImageId: "m-1" });
  it.each([
    ["gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
  ])("by %s is unpacked", async (encoding, bytes) => {
    const port = await serve(
      (_, response) => void response.writeHead(200, { "content-encoding": encoding }).end(bytes),
    );
    expect((await get(`http://127.0.0.1:${port}`)).body).toBe(text);
  });

  it("and corrupt is an error, and so is one that is cut off", async () => {
    const garbled = await serve(
      (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("no"),
    );
    await expect(get(`http://127.0.0.1:${garbled}`)).rejects.toMatchObject({ name: "HttpError" });
    const short = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": "500" }).write(gzipSync(text));
      setTimeout(() => response.destroy(), 20);
    });
    await expect(get(`http://127.0.0.1:${short}`)).rejects.toMatchObject({ name: "HttpError" });
  });
});

describe("a request", () => {
  it.each(["HTTP_PROXY", "http_proxy"])("goes through the proxy that %s names", async (name) => {
    const proxy = await proxyTo({ port: await serve((request, response) => void response.end(request.url)) });
    process.env[name] = proxy.url;
    expect((await get("http://cloud.example.com/path?a=b%20c")).body).toBe("/path?a=b%20c");
    expect(proxy.asked).toEqual(["cloud.example.com:80"]);
  });

  it("to this machine uses no proxy", async () => {
    const proxy = await proxyTo({});
    Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
    const port = await serve((_, response) => void response.end("here"));
    expect((await get(`http://127.0.0.1:${port}`)).body).toBe("here");
    expect((await get(`http://localhost:${port}`)).body).toBe("here");
    expect(proxy.asked).toEqual([]);
  });

  it("that the proxy refuses fails with the proxy's status", async () => {
    const proxy = await proxyTo({ refuses: 407 });
    process.env["HTTPS_PROXY"] = proxy.url.replace("//", "//user:canary@");
    const failure = await get("https://ecs.aliyuncs.com").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "EPROXY", status: 407, via: new URL(proxy.url).host });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("canary");
  });

  it("ends at its time limit, even in the proxy", async () => {
    const port = await serve(() => undefined);
    await expect(get(`http://127.0.0.1:${port}`, 50)).rejects.toMatchObject({ code: "ETIMEDOUT_ANSWER" });
    const silent = createTcpServer().listen(0, "127.0.0.1");
    const proxy = await proxyTo({ port: await portOf(silent) });
    process.env["HTTPS_PROXY"] = proxy.url;
    await expect(get("https://ecs.aliyuncs.com", 50)).rejects.toMatchObject({ code: "ETIMEDOUT_ANSWER" });
    silent.close();
  });
});

describe("the proxy", () => {
  const of = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href;
  const both = { HTTPS_PROXY: "http://secure:3128", HTTP_PROXY: "http://plain:3128" };
  const ECS = "https://ecs-cn-hangzhou.aliyuncs.com";

  it("is chosen by the address's scheme; its variable may be in either case, its scheme missing", () => {
    expect(of(ECS, both)).toBe("http://secure:3128/");
    expect(of("http://sidecar.example.com", both)).toBe("http://plain:3128/");
    expect(of(ECS, { https_proxy: "proxy:3128" })).toBe("http://proxy:3128/");
    expect(of(ECS, { HTTP_PROXY: "http://plain:3128" })).toBeUndefined();
  });

  it.each([
    "https://127.0.0.1:1",
    "https://localhost",
    "https://[::1]",
    "http://100.100.100.200",
    "http://169.254.1.1",
  ])("is never used for %s", (url) => expect(of(url, both)).toBeUndefined());

  it.each<[string, boolean]>([
    ["*", false],
    ["aliyuncs.com", false],
    [".aliyuncs.com", false],
    ["*.aliyuncs.com", false],
    ["example.com, ALIYUNCS.COM", false],
    ["ecs-cn-hangzhou.aliyuncs.com", false],
    ["ecs-cn-hangzhou.aliyuncs.com:443", false],
    ["ecs-cn-hangzhou.aliyuncs.com:80", true],
    ["cn-hangzhou.aliyuncs.com", true],
    ["liyuncs.com", true],
    ["", true],
  ])("with NO_PROXY=%s is used for a host of the cloud: %s", (NO_PROXY, asked) => {
    expect(of(ECS, { ...both, NO_PROXY }) !== undefined).toBe(asked);
    expect(of(ECS, { ...both, no_proxy: NO_PROXY }) !== undefined).toBe(asked);
  });

  it("is not used for an address or a network in NO_PROXY", () => {
    expect(of("https://10.1.2.3", { ...both, NO_PROXY: "10.0.0.0/8" })).toBeUndefined();
    expect(of("https://11.1.2.3", { ...both, NO_PROXY: "10.0.0.0/8" })).toBeDefined();
    expect(of("https://[2001:db8::1]:8443", { ...both, NO_PROXY: "[2001:db8::1]:8443" })).toBeUndefined();
    expect(of("https://10.1.2.3", { ...both, NO_PROXY: "10.1.2.3" })).toBeUndefined();
  });

  it.each(["socks5://proxy:1080", "http://"])("%s is refused with the name of the variable", (HTTPS_PROXY) => {
    expect(() => of(ECS, { HTTPS_PROXY })).toThrow(Failure);
    expect(() => of(ECS, { HTTPS_PROXY })).toThrow(/^HTTPS_PROXY is not valid/);
  });
});
