import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { seeds } from "../../emulator";
import { FRONTS, type Front } from "../support/fronts";
import { type Lab, openLab, type Props, type ResourceName, resource } from "../support/lab";

// Each message that names a configuration key, through each host: the key must be one that this host reads.

const args = { snapshotId: seeds.systemSnapshotId, imageName: "golden" };
const imported = { diskDeviceMappings: [{ ossBucket: "b-1", ossObject: "no.raw" }], trackSource: true };

interface Case {
  readonly config?: Record<string, string>;
  readonly kind?: ResourceName;
  readonly args?: Props;
  readonly says: RegExp;
}

const cases: Record<string, Case> = {
  "no region": { config: { region: "" }, says: /no region is known: .*:region <region>, or set ALICLOUD_REGION/ },
  "a region of another form": { config: { region: "a.b" }, says: /:region is not valid/ },
  "a region that is no region": {
    config: { region: "cn-hangzou" },
    says: /did you mean cn-hangzhou\? Check \S+:region/,
  },
  "a region that is like none": {
    config: { region: "xx-nowhere-1" },
    says: /No region "xx-nowhere-1" is known; there are cn-beijing, .* us-west-1\. Check \S+:region/,
  },
  "a region that the account lacks": {
    config: { region: "cn-hangzhou-finance" },
    says: /cn-hangzhou-finance exists, but this account .* does not have it\. .* check \S+:region/,
  },
  "a wrong secret": { config: { secretKey: "wrong" }, says: /:accessKey and \S+:secretKey/ },
  "an unknown key": { config: { accessKey: "LTAIunknown" }, says: /:accessKey and \S+:secretKey/ },
  "half a key": { config: { secretKey: "" }, says: /:secretKey \(or ALICLOUD_SECRET_KEY\) is not; set both/ },
  "a key with a line break": { config: { secretKey: "a\nb" }, says: /:secretKey is not valid/ },
  "a token of another key": { config: { securityToken: "t" }, says: /belong together|securityToken/ },
  "a token that a header cannot carry": { config: { securityToken: "é" }, says: /:securityToken is not valid/ },
  "a protocol": { config: { protocol: "FTP" }, says: /:protocol is not valid/ },
  endpoints: { config: { endpoints: "[" }, says: /:endpoints is not valid/ },
  "an endpoint": { config: { endpoints: '{"sts":"http://sts.example.com"}' }, says: /:endpoints\.sts/ },
  "plain HTTP to OSS": {
    config: { protocol: "HTTP" },
    kind: "ImportedImage",
    args: imported,
    says: /:protocol must be HTTPS: oss-cn-hangzhou.* \S+:endpoints\.oss .*:protocol out/,
  },
  "a role": { config: { assumeRole: '{"roleArn":"x"}' }, says: /:assumeRole\.roleArn/ },
  "a role that is refused": {
    config: { assumeRole: '{"roleArn":"acs:ram::1:role/x"}' },
    says: /assuming the role .*:assumeRole/,
  },
  "a role for a token": {
    config: { assumeRoleWithOidc: "{}", ...without("accessKey", "secretKey") },
    says: /:assumeRoleWithOidc/,
  },
  "a server of keys": {
    config: { credentialsUri: "x", ...without("accessKey", "secretKey") },
    says: /:credentialsUri/,
  },
  "a file of profiles": {
    config: { profile: "p", sharedCredentialsFile: "/no/file", ...without("accessKey", "secretKey") },
    says: /:sharedCredentialsFile/,
  },
  "a credential as an argument": { args: { ...args, accessKey: "x" }, says: /:accessKey and \S+:secretKey as secret/ },
};

function without(...keys: string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, ""]));
}

const seen = new Set<string>();
let lab: Lab;
afterEach(() => lab.close());

describe.each(FRONTS)("%s", (front: Front) => {
  test.each(Object.entries(cases))("%s is explained with a key that this provider reads", async (_, one) => {
    const config = Object.fromEntries(
      Object.entries(one.config ?? {}).map(([key, value]) => [`alicloud:${key}`, value]),
    );
    const oss = one.config?.["protocol"] === "HTTP";
    lab = await openLab({}, config, { front });
    if (oss) await useOnlyEcs(config);
    const { error } = await resource(lab, one.kind ?? "CustomImage", "golden")
      .up(one.args ?? args)
      .catch((thrown: Error) => ({ error: thrown.message }));
    expect(error).toMatch(one.says);
    expect(error).not.toMatch(front === "native" ? /\balicloud:[a-z]/ : /alicloud-image:[a-z]/);
    for (const [, key] of error!.matchAll(/alicloud(?:-image)?:([a-zA-Z]+(?:\.[a-z]+)?)/g)) seen.add(key!);
  });

  /** Another lab, whose configuration names the emulator as ECS alone. */
  async function useOnlyEcs(config: Record<string, string>) {
    const { endpoint } = lab.emulator;
    await lab.close();
    const port = Number(new URL(endpoint).port);
    lab = await openLab({ port }, { ...config, "alicloud:endpoints": JSON.stringify({ ecs: endpoint }) }, { front });
  }
});

test("there is a case for every key that any message names", () => {
  lab = { close: async () => undefined } as Lab;
  const root = path.resolve(__dirname, "../../provider");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const named = files.flatMap((file) => {
    const code = readFileSync(path.join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    return [...code.matchAll(/\balicloud:([a-zA-Z]+)/g)].map(([, key]) => key!);
  });
  const shown = new Set([...seen].map((key) => key.split(".")[0]));
  expect([...new Set(named)].filter((key) => !shown.has(key)).sort()).toEqual(NOT_PLAYED);
});

/** The role of an instance needs an instance. */
const NOT_PLAYED = ["ecsRoleName"];
