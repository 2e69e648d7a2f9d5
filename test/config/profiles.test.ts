import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { settingsFrom } from "../../provider/config/settings";

// Which account and region are used, out of a configuration, an environment and a home folder. The order is the
// same as in Terraform's provider (alicloud/provider.go), which @pulumi/alicloud wraps.

let home: string;
const profiles = [
  { name: "personal", mode: "AK", access_key_id: "personal", access_key_secret: "s", region_id: "cn-beijing" },
  { name: "prod", mode: "AK", access_key_id: "prod", access_key_secret: "s", region_id: "cn-hangzhou" },
  { name: "instance", mode: "EcsRamRole", ram_role_name: "of-the-profile", region_id: "cn-shenzhen" },
];
const write = (file: string, config: unknown) => {
  const place = path.join(home, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, typeof config === "string" ? config : JSON.stringify(config));
  return place;
};

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "home-"));
  write(".aliyun/config.json", { current: "personal", profiles });
});
afterEach(() => rmSync(home, { recursive: true }));

const settings = (config: Record<string, string> = {}, env: Record<string, string> = {}) =>
  settingsFrom({ get: (key) => config[key.replace("alicloud:", "")] }, { HOME: home, ...env });
const inHome = () => path.join(home, ".aliyun/config.json");
const profileOf = (name: string) => ({ from: "profile", name, file: inHome() });

const OIDC = {
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/t",
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1:oidc-provider/p",
  ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1:role/r",
};

describe("the identity", () => {
  it.each(["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"])(
    "is the profile that %s names, not the current one",
    (name) => {
      expect(settings({}, { [name]: "prod" }).keySource).toEqual(profileOf("prod"));
      expect(settings({ profile: "personal" }, { [name]: "prod" }).keySource).toEqual(profileOf("personal"));
    },
  );

  it.each(["ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE"])(
    "comes from the file in %s",
    (name) => {
      const file = write("team.json", { profiles });
      expect(settings({ profile: "prod" }, { [name]: file }).keySource).toEqual({
        from: "profile",
        name: "prod",
        file,
      });
      expect(settings({}, { [name]: file }).keySource).toEqual({ from: "profile", file });
      const own = { profile: "prod", sharedCredentialsFile: "~/.aliyun/config.json" };
      expect(settings(own, { [name]: file }).keySource).toEqual(profileOf("prod"));
    },
  );

  it("comes from the default chain if the variable names another tool's ini file", () => {
    rmSync(inHome());
    const file = write("credentials", "[default]\ntype = access_key\n");
    expect(settings({}, { ALIBABA_CLOUD_CREDENTIALS_FILE: file }).keySource).toEqual({ from: "chain" });
  });

  it.each(["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"])("is an instance role with %s", (name) => {
    const env = { [name]: "buildrole" };
    expect(settings({}, env).keySource).toEqual({ from: "ecsRole", roleName: "buildrole" });
    expect(settings({ profile: "instance" }, env).keySource).toMatchObject({ roleName: "buildrole" });
    expect(settings({ profile: "prod" }, env).keySource).toEqual(profileOf("prod"));
  });

  it.each(["ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"])("comes from a server with %s", (name) => {
    const uri = "http://127.0.0.1:7002/keys";
    const role = { ALIBABA_CLOUD_ECS_METADATA: "r" };
    expect(settings({}, { [name]: uri, ...role }).keySource).toEqual({ from: "uri", uri });
    expect(settings({ credentialsUri: uri }, role).keySource).toEqual({ from: "uri", uri });
    expect(() => settings({}, { [name]: "not an address" })).toThrow(/ALIBABA_CLOUD_CREDENTIALS_URI/);
  });

  it("is the configured role for an OIDC token, completed from the environment", () => {
    const role = { roleArn: "acs:ram::2:role/mine", oidcProviderArn: "acs:ram::2:oidc-provider/mine" };
    const { keySource } = settings({ assumeRoleWithOidc: JSON.stringify([role]) }, OIDC);
    expect(keySource).toMatchObject({ from: "oidc", roleArn: role.roleArn, tokenFile: "/t" });
    const incomplete = () => settings({ assumeRoleWithOidc: JSON.stringify(role) });
    expect(incomplete).toThrow(/^alicloud:assumeRoleWithOidc .*oidcToken/);
    expect(() => settings({ assumeRoleWithOidc: '{"oidc_token":"canary"}' })).toThrow(/no option oidc_token; it has/);
  });

  it("by default comes from a workload's token, then from the CLI's current profile", () => {
    expect(settings({}, OIDC).keySource).toMatchObject({ from: "oidc", roleArn: "acs:ram::1:role/r" });
    expect(settings().keySource).toEqual({ from: "profile", file: inHome() });
    expect(settings({}, { ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" }).keySource).toEqual({ from: "chain" });
    const empty = { name: "default", mode: "AK", access_key_id: "" };
    write(".aliyun/config.json", { current: "default", profiles: [empty] });
    expect(settings().keySource).toEqual({ from: "chain" });
  });
});

describe("the region", () => {
  it("is the configuration's, then the environment's, then the profile's", () => {
    const env = { ALICLOUD_REGION: "cn-shanghai" };
    const ofProfile = { regionId: "cn-hangzhou", regionFrom: `profile "prod" in ${inHome()}` };
    expect(settings({ profile: "prod", region: "cn-qingdao" }, env).regionId).toBe("cn-qingdao");
    expect(settings({ profile: "prod" }, env)).toMatchObject({
      regionId: "cn-shanghai",
      regionFrom: "ALICLOUD_REGION",
    });
    expect(settings({ profile: "prod" })).toMatchObject(ofProfile);
    expect(settings({ profile: "prod" }, { ALIBABA_CLOUD_REGION_ID: "cn-qingdao" })).toMatchObject(ofProfile);
    expect(settings({ profile: "instance" }, { ALIBABA_CLOUD_ECS_METADATA: "r" }).regionId).toBe("cn-shenzhen");
  });

  it("comes from the profile even with keys from the environment", () => {
    const keys = { ALICLOUD_ACCESS_KEY: "i", ALICLOUD_SECRET_KEY: "s" };
    expect(settings({ profile: "prod" }, keys)).toMatchObject({ regionId: "cn-hangzhou", keySource: { from: "keys" } });
    expect(settings({}, keys).regionId).toBeUndefined();
  });

  it("comes from the current profile after aliyun configure", () => {
    expect(settings().regionId).toBe("cn-beijing");
  });

  it("that a profile lacks is an error with a reason, and so is a missing profile", () => {
    write(".aliyun/config.json", { profiles: [{ name: "p", mode: "AK", access_key_id: "i", access_key_secret: "s" }] });
    expect(settings({ profile: "p" }).regionTrouble).toBe(`profile "p" in ${inHome()} has no region_id`);
    expect(settings({ profile: "q" }).regionTrouble).toBe(`there is no profile "q" in ${inHome()}; it has "p"`);
    write(".aliyun/config.json", { profiles: [{ name: "p", mode: "AK", region_id: "cn-beijing.evil.com/" }] });
    expect(() => settings({ profile: "p" })).toThrow(/^region_id of profile "p"/);
  });
});
