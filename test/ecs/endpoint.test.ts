import { configuredEndpoint, endpointOf, type Service } from "../../provider/ecs/endpoint";
import { Failure } from "../../provider/failure";
import { isLoopback } from "../../provider/http/address";
import fc from "../support/fast-check";

const endpoint = (
  given?: string,
  { service = "ecs" as Service, regionId = "eu-central-1", protocol = "HTTPS" as "HTTP" | "HTTPS" } = {},
) => endpointOf({ service, regionId, given, protocol, setting: "alicloud:endpoints.ecs" });

it.each<[Service, string, string]>([
  ["ecs", "eu-central-1", "ecs.eu-central-1.aliyuncs.com"],
  ["ecs", "cn-hangzhou", "ecs-cn-hangzhou.aliyuncs.com"],
  ["oss", "cn-hangzhou", "oss-cn-hangzhou.aliyuncs.com"],
  ["oss", "cn-hangzhou-finance", "oss-cn-hzfinance.aliyuncs.com"],
  ["oss", "cn-shenzhen-finance-1", "oss-cn-szfinance.aliyuncs.com"],
  ["oss", "cn-shanghai-finance-1", "oss-cn-shanghai-finance-1-pub.aliyuncs.com"],
  ["oss", "cn-beijing-finance-1", "oss-cn-beijing-finance-1-pub.aliyuncs.com"],
  ["oss", "cn-north-2-gov-1", "oss-cn-north-2-gov-1.aliyuncs.com"],
  ["sts", "cn-hangzhou", "sts.aliyuncs.com"],
])("%s of %s is at %s, over HTTPS", (service, regionId, host) => {
  expect(endpoint(undefined, { service, regionId })).toEqual({ protocol: "HTTPS", host });
});

it.each([
  ["ecs.example.com", "HTTPS", "ecs.example.com"],
  ["ecs.example.com:8443", "HTTPS", "ecs.example.com:8443"],
  ["https://ecs.example.com/", "HTTPS", "ecs.example.com"],
  ["http://127.0.0.1:4566", "HTTP", "127.0.0.1:4566"],
  ["http://127.9.9.9", "HTTP", "127.9.9.9"],
  ["http://localhost:4566", "HTTP", "localhost:4566"],
  ["http://[::1]:4566", "HTTP", "[::1]:4566"],
])("%s is accepted", (given, protocol, host) => {
  expect(endpoint(given)).toEqual({ protocol, host });
});

it("without a scheme the configured protocol applies, HTTP only for loopback addresses", () => {
  expect(endpoint("127.0.0.1:4566", { protocol: "HTTP" })).toEqual({ protocol: "HTTP", host: "127.0.0.1:4566" });
  expect(() => endpoint("ecs.example.com", { protocol: "HTTP" })).toThrow(/must be HTTPS/);
  expect(() => endpoint(undefined, { protocol: "HTTP" })).toThrow(/must be HTTPS/);
});

it.each([
  "http://ecs.cn-hangzhou.aliyuncs.com",
  "http://127.0.0.1.example.com",
  "http://128.0.0.1",
  "ftp://127.0.0.1",
  "file:///etc/passwd",
  "https://user:pass@ecs.example.com",
  "user@127.0.0.1",
  "https://ecs.example.com/path",
  "https://ecs.example.com?x=1",
  "https://ecs.example.com#x",
  "ecs.example.com\r\nX-Injected: 1",
  "ecs.example.com evil.com",
  "ecs.example.com\\@evil.com",
  "http://169.254.169.254",
  "https://169.254.1.1",
  "https://100.100.100.200",
  "https://[fe80::1]",
  "https://[::ffff:169.254.169.254]",
  "https://2852039166", // 169.254.169.254 as one number
  "https://0.0.0.0",
  "https://",
  "",
])("%j is refused, naming the setting", (given) => {
  expect(() => endpoint(given)).toThrow(Failure);
  expect(() => endpoint(given)).toThrow(/^alicloud:endpoints.ecs /);
});

it("a password in an endpoint is not repeated", () => {
  expect(() => endpoint("https://me:canary@ecs.example.com")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("canary") }),
  );
});

it.each(["", "CN-HANGZHOU", "cn hangzhou", "cn-hangzhou.evil.com/", "cn_hangzhou", "cn-hangzhou\n"])(
  "region %j is refused before a host name is built",
  (regionId) => {
    expect(() => endpoint(undefined, { regionId })).toThrow(/region/);
  },
);

it("for any setting the address is HTTPS or on loopback, or it is refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl(), fc.ipV4(), fc.ipV6(), fc.domain()),
      fc.constantFrom("HTTP" as const, "HTTPS" as const),
      fc.constantFrom("", "http://", "https://"),
      (text, protocol, scheme) => {
        try {
          const { protocol: used, host } = endpoint(scheme + text, { protocol });
          expect(used === "HTTPS" || /^(127\.|localhost(:|$)|\[::1\])/.test(host)).toBe(true);
          expect(host).not.toMatch(/[\s/@\\]/);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
        }
      },
    ),
  );
});

describe("the configured endpoint", () => {
  const region = fc.constantFrom("cn-hangzhou", "cn-beijing", "eu-central-1", "ap-southeast-1");
  const remote = fc.constantFrom(
    "ecs-proxy.example.com",
    "https://10.1.2.3:8443",
    "ecs.cn-hangzhou.aliyuncs.com",
    "https://127.0.0.1.example.com",
  );
  const local = fc.constantFrom("127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566", "https://127.1.2.3");
  const service = fc.constantFrom<Service>("ecs", "oss");

  it("serves the stack's region, and no other; a loopback address serves all", () => {
    fc.assert(
      fc.property(service, region, region, fc.oneof(remote, local), (of, stack, regionId, given) => {
        const chosen = configuredEndpoint(of, regionId, { regionId: stack, endpoints: { [of]: given } });
        expect(chosen).toBe(stack === regionId || isLoopback(given) ? given : undefined);
        // What is not configured is the region's own: no region's request reaches another region's address.
        const host = endpointOf({ service: of, regionId, given: chosen, protocol: "HTTPS" }).host;
        if (chosen === undefined) expect(host).toContain(regionId);
      }),
    );
  });

  it("of one service is not used for another", () => {
    fc.assert(
      fc.property(region, remote, (regionId, given) => {
        expect(configuredEndpoint("oss", regionId, { regionId, endpoints: { ecs: given } })).toBeUndefined();
      }),
    );
  });

  it("serves every region if the stack names none, and every role session", () => {
    expect(configuredEndpoint("ecs", "cn-beijing", { regionId: undefined, endpoints: { ecs: "e.example.com" } })).toBe(
      "e.example.com",
    );
    const sts = { regionId: "cn-hangzhou", endpoints: { sts: "sts.example.com" } };
    expect(configuredEndpoint("sts", "cn-beijing", sts)).toBe("sts.example.com");
  });
});
