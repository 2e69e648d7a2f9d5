import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os, { tmpdir } from "node:os";
import path from "node:path";
import { manualClock } from "../../emulator/clock";
import { credentialsFrom } from "../../provider/config/credentials";
import { settingsFrom } from "../../provider/config/settings";
import { answer, body, openStage, refuse, type Stage } from "../ecs/stage";

// The keys of each profile mode, and the error for each problem with a profile.

let stage: Stage;
let home: string;
let file: string;

beforeEach(async () => {
  stage = await openStage();
  home = mkdtempSync(path.join(tmpdir(), "home-"));
  mkdirSync(path.join(home, ".aliyun"));
  file = path.join(home, ".aliyun", "config.json");
  jest.spyOn(os, "homedir").mockReturnValue(home); // the library asks the system
});
afterEach(async () => {
  jest.restoreAllMocks();
  await stage.close();
  rmSync(home, { recursive: true });
});

type Profile = Record<string, unknown>;
const write = (...profiles: Profile[]) => writeFileSync(file, JSON.stringify({ profiles }));
const command = (name: string, script: string) => {
  const place = path.join(home, name);
  writeFileSync(place, `#!/bin/sh\n${script}\n`);
  chmodSync(place, 0o700);
  return place;
};
const settings = (config: Record<string, string> = {}) => {
  const all: Record<string, string> = { endpoints: JSON.stringify({ sts: stage.endpoint }), profile: "p", ...config };
  return settingsFrom({ get: (key) => all[key.replace("alicloud:", "")] }, { HOME: home });
};
const keys = (config?: Record<string, string>) => credentialsFrom(settings(config), manualClock()).get();
const trouble = async (...profiles: Profile[]): Promise<string> => {
  write(...profiles);
  const failure = await keys().catch((error: Error) => error);
  expect(failure).toMatchObject({ name: "Failure" });
  expect((failure as Error).message).not.toContain("canary");
  return (failure as Error).message;
};

const AK = { mode: "AK", access_key_id: "LTAIown", access_key_secret: "canary" };
const session = { AccessKeyId: "STS.role", AccessKeySecret: "s", SecurityToken: "t" };
const granted = { accessKeyId: "STS.role", accessKeySecret: "s", securityToken: "t" };
const ROLE = "acs:ram::1234567890123456:role/builder";

describe("a profile", () => {
  it("with a role assumes it at the configured STS, with its own options", async () => {
    stage.play(answer({ Credentials: session }));
    write({ ...AK, name: "p", mode: "RamRoleArn", ram_role_arn: ROLE, ram_session_name: "ci", expired_seconds: 900 });
    expect(await keys()).toEqual(granted);
    const asked = { RoleArn: ROLE, RoleSessionName: "ci", DurationSeconds: "900" };
    expect(Object.fromEntries(stage.seen[0]!.parameters)).toEqual(asked);
  });

  it("provides only its keys if the configuration names a role", async () => {
    stage.play(answer({ Credentials: session }));
    write({ ...AK, name: "p", mode: "RamRoleArn", ram_role_arn: ROLE });
    const roleArn = "acs:ram::1234567890123456:role/other";
    expect(await keys({ assumeRole: JSON.stringify({ roleArn }) })).toEqual(granted);
    expect(stage.seen.map(({ parameters }) => parameters.get("RoleArn"))).toEqual([roleArn]);
  });

  it("of a role on top of another profile assumes both", async () => {
    const first = { AccessKeyId: "STS.first", AccessKeySecret: "f", SecurityToken: "first" };
    stage.play(answer({ Credentials: first }), answer({ Credentials: session }));
    write(
      { name: "p", mode: "ChainableRamRoleArn", source_profile: "q", ram_role_arn: ROLE },
      { ...AK, name: "q", mode: "RamRoleArn", ram_role_arn: `${ROLE}-first` },
    );
    expect(await keys()).toEqual(granted);
    expect(stage.seen[1]!.headers["x-acs-security-token"]).toBe("first");
  });

  it("of an OIDC provider exchanges the token in its file, unsigned", async () => {
    stage.play(answer({ Credentials: session }));
    const token = path.join(home, "token");
    writeFileSync(token, "the-token\n");
    write({
      name: "p",
      mode: "OIDC",
      oidc_provider_arn: "acs:ram::1:oidc-provider/k",
      oidc_token_file: token,
      ram_role_arn: ROLE,
    });
    expect(await keys()).toEqual(granted);
    expect(stage.seen[0]).toMatchObject({
      action: "AssumeRoleWithOIDC",
      headers: { host: new URL(stage.endpoint).host },
    });
    expect(stage.seen[0]!.headers.authorization).toBeUndefined();
    expect(stage.seen[0]!.parameters.get("OIDCToken")).toBe("the-token");
  });

  it("of CloudSSO requests its account and access configuration", async () => {
    stage.play(body(200, JSON.stringify({ CloudCredential: { ...session, Expiration: "2099-01-01T00:00:00Z" } })));
    const login = { access_token: "canary", cloud_sso_access_token_expire: 4_000_000_000, cloud_sso_account_id: "7" };
    const place = { cloud_sso_sign_in_url: `${stage.endpoint}/device/login`, cloud_sso_access_config: "ac-1" };
    write({ name: "p", mode: "CloudSSO", ...login, ...place });
    expect(await keys()).toEqual(granted);
    expect([...stage.seen[0]!.parameters.keys()]).toEqual([
      JSON.stringify({ AccountId: "7", AccessConfigurationId: "ac-1" }),
    ]);
    expect(stage.seen[0]).toMatchObject({ url: "/cloud-credentials", headers: { authorization: "Bearer canary" } });
  });

  it("with a command gets keys from it, and no file of any profile is written", async () => {
    const team = path.join(home, "team.json");
    const output = JSON.stringify({
      mode: "StsToken",
      access_key_id: "STS.ext",
      access_key_secret: "s",
      sts_token: "t",
    });
    const external = { name: "p", mode: "External", process_command: command("keys.sh", `echo '${output}'`) };
    writeFileSync(team, JSON.stringify({ profiles: [external] }));
    write({ ...external, process_command: "other" });
    const before = [readFileSync(file, "utf8"), readFileSync(team, "utf8")];
    const got = await keys({ sharedCredentialsFile: team });
    expect(got).toEqual({ accessKeyId: "STS.ext", accessKeySecret: "s", securityToken: "t" });
    expect([readFileSync(file, "utf8"), readFileSync(team, "utf8")]).toEqual(before);
  });

  it("in a file that another program is writing is read again", async () => {
    write({ ...AK, name: "p" });
    const whole = readFileSync(file, "utf8");
    const program = `const fs = require("fs");
      fs.writeFileSync(process.argv[1], process.argv[2].slice(0, 20)); console.log("half");
      setTimeout(() => fs.writeFileSync(process.argv[1], process.argv[2]), 150)`;
    const writer = spawn(process.execPath, ["-e", program, file, whole]);
    await once(writer.stdout, "data");
    expect(await keys()).toMatchObject({ accessKeyId: "LTAIown" });
    await once(writer, "exit");
  });
});

it("keys from the server at credentialsUri are requested again when they expire", async () => {
  stage.play(body(200, JSON.stringify({ ...session, Expiration: "2099-01-01T00:00:00Z", Code: "Success" })));
  const source = credentialsFrom(settings({ profile: "", credentialsUri: `${stage.endpoint}/keys` }), manualClock());
  expect([await source.get(), await source.get()]).toEqual([granted, granted]);
  expect(stage.seen).toHaveLength(1);
  source.renew();
  stage.play(body(404, "canary"));
  const failure = await source.get().catch((error: Error) => error.message);
  expect(failure).toMatch(/^asking for keys at alicloud:credentialsUri .*: 127\.0\.0\.1:\d+ gave HTTP 404$/);
});

describe("a problem with a profile", () => {
  it.each<[string, Profile[], RegExp]>([
    [
      "a mode that is not supported",
      [{ name: "p", mode: "RsaKeyPair" }],
      /has the mode RsaKeyPair, which is not supported; supported are AK,/,
    ],
    ["no mode", [{ name: "p", mode: "" }], /has no mode that is supported; supported are AK,/],
    [
      "no key",
      [{ ...AK, name: "p", access_key_id: "" }],
      /^profile "p" in \S+config\.json has no access_key_id; log in again: aliyun/,
    ],
    ["no token", [{ ...AK, name: "p", mode: "StsToken" }], /has no sts_token/],
    ["no source", [{ name: "p", mode: "ChainableRamRoleArn", ram_role_arn: ROLE }], /has no source_profile/],
    [
      "a source that is missing",
      [{ name: "p", mode: "ChainableRamRoleArn", source_profile: "q" }],
      /source_profile "q", which is not in the file/,
    ],
    [
      "sources in a circle",
      [
        { name: "p", mode: "ChainableRamRoleArn", source_profile: "q", ram_role_arn: ROLE },
        { name: "q", mode: "ChainableRamRoleArn", source_profile: "p", ram_role_arn: ROLE },
      ],
      /takes its keys from itself: p -> q -> p/,
    ],
    ["no command", [{ name: "p", mode: "External" }], /has no process_command/],
    [
      "a command that is not there",
      [{ name: "p", mode: "External", process_command: "/no/such --secret canary" }],
      /^the command "\/no\/such" of profile "p" .* was not found/,
    ],
    [
      "a command that fails",
      [{ name: "p", mode: "External", process_command: "false canary" }],
      /failed; run it by hand/,
    ],
    ["a command without keys", [{ name: "p", mode: "External", process_command: "echo canary" }], /gave no keys/],
    [
      "no token file",
      [{ name: "p", mode: "OIDC", oidc_provider_arn: "a", oidc_token_file: "/no/token", ram_role_arn: ROLE }],
      /^the OIDC token file \/no\/token cannot be read \(ENOENT\)/,
    ],
    [
      "a login that has ended",
      [
        {
          name: "p",
          mode: "CloudSSO",
          cloud_sso_sign_in_url: "https://x.example.com",
          cloud_sso_account_id: "7",
          cloud_sso_access_config: "a",
          access_token: "canary",
          cloud_sso_access_token_expire: 1,
        },
      ],
      /^the CloudSSO login of profile "p" .* has ended/,
    ],
    ["another name", [{ ...AK, name: "q" }], /^there is no profile "p" in \S+config\.json; it has "q"$/],
  ])("%s has a sentence of its own", async (_, profiles, sentence) => {
    expect(await trouble(...profiles)).toMatch(sentence);
  });

  it("is a network failure if STS cannot be reached, and a role failure if STS refuses", async () => {
    const role = { ...AK, name: "p", mode: "RamRoleArn", ram_role_arn: ROLE };
    stage.play(refuse(403, "NoPermission", "You are not authorized."));
    expect(await trouble(role)).toMatch(
      /^assuming the role .*: You are not authorized \(NoPermission\)\. Check alicloud:assumeRole or/,
    );
    await stage.close();
    expect(await trouble(role)).toMatch(/^assuming the role .*: STS gave no usable answer, the connection /);
  });
});
