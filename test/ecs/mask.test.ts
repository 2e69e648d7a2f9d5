import { masked, quotable } from "../../provider/ecs/mask";
import fc from "../support/fast-check";

it("known keys are hidden everywhere, however often they are encoded", () => {
  const secret = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(..."abcXYZ019+/=".split("")) });
  fc.assert(
    fc.property(
      secret,
      secret,
      secret,
      fc.string(),
      fc.string(),
      (accessKeyId, accessKeySecret, securityToken, before, after) => {
        for (const one of [accessKeyId, accessKeySecret, securityToken]) {
          for (const form of [one, encodeURIComponent(one), encodeURIComponent(encodeURIComponent(one))]) {
            expect(masked(`${before} ${form} ${after}`, { accessKeyId, accessKeySecret, securityToken })).not.toContain(
              form,
            );
          }
        }
      },
    ),
  );
});

it.each([
  "The AccessKeyId LTAI5tCanaryCanary000001 is wrong",
  "AccessKeyId=another&Signature=kGqk0canary%3D",
  '{"SecurityToken": "canary-token"}',
  "x-acs-security-token: canary-token",
  "Authorization: ACS3-HMAC-SHA256 Credential=canary,SignedHeaders=host,Signature=canary",
  "https://canary:canary@host/",
  "CAISgQJ1q6Ft5B2yfSjIr5DWcanarycanarycanarycanary",
  "STS.NUgYrLnoC37mZZCNnAbezcanary",
])("another party's credential is hidden too: %s", (text) => {
  expect(masked(text)).not.toMatch(/canary/i);
});

it.each([
  "The specified ImageId m-bp146shijn7hujku0001 does not exist.",
  "The specified OSS object images/golden/ubuntu-22-04/base.qcow2 cannot be retrieved.",
  "RequestId: 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E",
  "acs:ram::1234567890123456:role/aliyunecsimageexportdefaultrole",
  "The current image architecture does not support setting this boot mode.",
])("what is no credential stays as it is: %s", (text) => {
  expect(masked(text)).toBe(text);
});

it("a quotation is one short line without mark-up and full stop", () => {
  expect(quotable("<html><b>Bad\r\n Gateway.</b></html>\n")).toBe("Bad Gateway");
  expect(quotable("x ".repeat(5_000)).length).toBeLessThan(500);
});
