import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type * as library from "@alicloud/credentials";
import type { Credentials, Keys } from "../ecs/credentials";
import { Failure } from "../failure";
import { type Clock, systemClock } from "../wait/clock";
import { assumedRole } from "./assumed-role";
import type { KeySource, Settings } from "./settings";

/** The credentials that the settings name. Nothing is read, asked or loaded before the first `get`. */
export function credentialsFrom(settings: Settings, clock: Clock = systemClock): Credentials {
  const own = keysFrom(settings.keySource, settings.endpoints.sts);
  return settings.assumeRole ? assumedRole(own, settings.assumeRole, settings, clock) : own;
}

function keysFrom(source: KeySource, stsEndpoint: string | undefined): Credentials {
  switch (source.from) {
    case "keys": {
      const { from, ...keys } = source;
      return { get: async () => keys, renew: () => undefined };
    }
    case "profile":
      return fetched(source, () => profileProvider(source));
    case "ecsRole":
      return fetched(source, async () =>
        libraryOf().ECSRAMRoleCredentialsProvider.builder().withRoleName(source.roleName).build(),
      );
    case "oidc":
      return fetched(source, async () =>
        libraryOf().OIDCRoleArnCredentialsProvider.builder().withStsEndpoint(hostOf(stsEndpoint)).build(),
      );
    case "chain":
      return fetched(source, async () => libraryOf().DefaultCredentialsProvider.builder().build());
  }
}

const libraryOf = () => require("@alicloud/credentials") as typeof library;

/** The library calls STS over HTTPS, whatever the options are; undefined leaves the choice to the library. */
const hostOf = (endpoint: string | undefined): string => endpoint?.replace(/^https:\/\//, "") as string;

type Provider = Pick<InstanceType<typeof library.DefaultCredentialsProvider>, "getCredentials">;

const FETCH_TIMEOUT_MS = 60_000;

/**
 * Keys that the library fetches, and renews before they run out. One at a time: its default chain takes a source for the
 * right one before it has answered. After a failure it is built again, since it sticks to the source that failed last.
 */
function fetched(source: KeySource, open: () => Promise<Provider>): Credentials {
  let provider: Provider | undefined;
  let underWay: Promise<Keys> | undefined;
  let everFetched = false;

  async function fetch(): Promise<Keys> {
    try {
      provider ??= await open();
      const { accessKeyId, accessKeySecret, securityToken } = await withinTime(provider.getCredentials());
      if (!accessKeyId || !accessKeySecret) throw new Error("incomplete");
      everFetched = true;
      return { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) };
    } catch (error) {
      provider = undefined;
      if (error instanceof Failure) throw error;
      // The library's messages may contain whole files and answers, so none of them is passed on.
      const passing = everFetched || (source.from !== "ecsRole" && isOfTheNetwork(error));
      throw new Failure(passing ? "Unreachable" : "Denied", explanation(source));
    }
  }

  return {
    get: () => (underWay ??= fetch().finally(() => (underWay = undefined))),
    renew() {
      provider = undefined;
    },
  };
}

async function withinTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("late")), FETCH_TIMEOUT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const isOfTheNetwork = (error: unknown): boolean => {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return (
    name === "RequestTimeoutError" ||
    (typeof code === "string" && /^(E[A-Z]+|EAI_AGAIN)$/.test(code) && code !== "ENOENT" && code !== "EACCES")
  );
};

function explanation(source: KeySource): string {
  switch (source.from) {
    case "profile":
      return `the keys of ${described(source)} could not be obtained; log in again with the Alibaba Cloud CLI (aliyun configure), or choose another alicloud:profile`;
    case "ecsRole":
      return `the keys of the instance role ${source.roleName} could not be obtained; check alicloud:ecsRoleName, and that this runs on an ECS instance with that role`;
    case "oidc":
      return "the OIDC token could not be exchanged for keys; check ALIBABA_CLOUD_OIDC_TOKEN_FILE, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_ROLE_ARN, and the role's trust policy";
    default:
      return "no credentials were found; set alicloud:accessKey and alicloud:secretKey, or ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or log in with the Alibaba Cloud CLI (aliyun configure)";
  }
}

type ProfileSource = Extract<KeySource, { from: "profile" }>;

const described = ({ name, file }: ProfileSource) =>
  `${name === undefined ? "the current profile" : `profile ${JSON.stringify(name)}`} in ${pathOf(file)}`;
const pathOf = (file = "~/.aliyun/config.json") => (file.startsWith("~/") ? join(homedir(), file.slice(2)) : file);

interface CliConfig {
  readonly current?: string;
  readonly profiles: readonly { readonly name?: string }[];
}

/** The library reads one file only, so the file is read here; what its profile means, for every mode of login, is left to the library. */
async function profileProvider(source: ProfileSource): Promise<Provider> {
  const config = await readCliConfig(source);
  const name = source.name ?? config.current ?? "default";
  if (!config.profiles.some((profile) => profile.name === name)) {
    throw new Failure(
      "Denied",
      `there is no profile ${JSON.stringify(name)} in ${pathOf(source.file)}; it has ${config.profiles.map((profile) => JSON.stringify(profile.name)).join(", ") || "none"}`,
    );
  }
  const reader = libraryOf().CLIProfileCredentialsProvider.builder().withProfileName(name).build();
  return (
    reader as unknown as { getCredentialsProvider(config: CliConfig, name: string): Provider }
  ).getCredentialsProvider(config, name);
}

async function readCliConfig({ file }: ProfileSource): Promise<CliConfig> {
  const path = pathOf(file);
  const text = await readFile(path, "utf8").catch(() => {
    throw new Failure(
      "Denied",
      `the credentials file ${path} cannot be read; check alicloud:sharedCredentialsFile, or log in with the Alibaba Cloud CLI (aliyun configure)`,
    );
  });
  try {
    const config = JSON.parse(text) as CliConfig;
    if (Array.isArray(config.profiles)) return config;
  } catch {
    // the parser's message would repeat part of the file
  }
  throw new Failure(
    "Denied",
    `the credentials file ${path} is not one of the Alibaba Cloud CLI: a JSON object with profiles`,
  );
}
