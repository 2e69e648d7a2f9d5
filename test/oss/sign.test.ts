import { signedHeaders } from "../../provider/oss/sign";
import fc from "../support/fast-check";

/** What the official client computes; the file is its own, not part of its public interface. */
const official = require("ali-oss/lib/common/signUtils") as {
  authorizationV4(
    id: string,
    secret: string,
    region: string,
    method: string,
    request: object,
    bucket: string,
    key: string,
  ): string;
};

describe("the signature of an OSS request", () => {
  it("is the one that the official client computes, whatever the key and the time", () => {
    const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
    const time = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2035, 0, 1) });
    const token = fc.option(fc.base64String({ minLength: 20 }), { nil: undefined });
    fc.assert(
      fc.property(key, time, token, fc.constantFrom("HEAD", "GET", "DELETE"), (key, nowMs, securityToken, method) => {
        const { authorization, ...headers } = signedHeaders(
          { method, bucket: "images", key },
          { accessKeyId: "id", accessKeySecret: "secret", securityToken },
          "ap-southeast-1",
          nowMs,
        );
        expect(authorization).toBe(
          official.authorizationV4("id", "secret", "ap-southeast-1", method, { headers }, "images", key),
        );
      }),
    );
  });

  it("is the official client's for a listing, whatever the query", () => {
    const name = fc.constantFrom("continuation-token", "encoding-type", "list-type", "max-keys", "prefix");
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: "grapheme", minLength: 1 })), (query) => {
        const { authorization, ...headers } = signedHeaders(
          { method: "GET", bucket: "images", key: "", query },
          { accessKeyId: "id", accessKeySecret: "secret" },
          "ap-southeast-1",
          Date.UTC(2026, 0, 1),
        );
        expect(authorization).toBe(
          official.authorizationV4("id", "secret", "ap-southeast-1", "GET", { headers, queries: query }, "images", ""),
        );
      }),
    );
  });
});
