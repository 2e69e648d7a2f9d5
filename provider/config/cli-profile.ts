import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../failure";

/** A profile as `aliyun configure` writes it: https://www.alibabacloud.com/help/en/cli/configure-credentials */
type Profile = Readonly<Partial<Record<string, unknown>>>;

interface CliConfig {
  readonly current?: string | undefined;
  readonly profiles: readonly Profile[];
}

/** A profile of a file. Without a name, the file's current profile. */
export interface ProfilePlace {
  readonly name?: string | undefined;
  readonly file: string;
}

/** A profile, and its file for the profiles that it refers to. */
export interface FoundProfile {
  readonly name: string;
  readonly file: string;
  readonly profile: Profile;
  readonly config: CliConfig;
}

/** The file of the Alibaba Cloud CLI. */
export const defaultFile = (env: NodeJS.ProcessEnv): string => expanded("~/.aliyun/config.json", env);

/** A path whose `~` is the user's home. */
export function expanded(file: string, env: NodeJS.ProcessEnv): string {
  const home = env["HOME"] || env["USERPROFILE"];
  return home && /^~[/\\]/.test(file) ? join(home, file.slice(2)) : file;
}

/** Reads a profile. Fails as `Denied` with a sentence that shows nothing but names and paths. */
export function readProfile({ name, file }: ProfilePlace): FoundProfile {
  const config = readConfig(file);
  const wanted = name ?? config.current ?? "default";
  const profile = config.profiles.find((one) => one["name"] === wanted);
  if (profile) return { name: wanted, file, profile, config };
  const names = config.profiles.map((one) => JSON.stringify(one["name"])).join(", ") || "none";
  throw new Failure("Denied", `there is no profile ${JSON.stringify(wanted)} in ${file}; it has ${names}`);
}

/** The profile that another one takes its keys from. */
export const sourceOf = ({ file, config }: FoundProfile, name: string): FoundProfile | undefined => {
  const profile = config.profiles.find((one) => one["name"] === name);
  return profile && { name, file, profile, config };
};

export const textIn = ({ profile }: FoundProfile, key: string): string | undefined => {
  const value = profile[key];
  return (typeof value === "string" || typeof value === "number") && value !== "" ? String(value).trim() : undefined;
};

/** The profile's name in error messages. */
export const described = ({ name, file }: FoundProfile): string => `profile ${JSON.stringify(name)} in ${file}`;

/**
 * The Alibaba Cloud CLI writes its file in place, so a reader may see half of it. So it is read again until it no
 * longer changes.
 */
function readConfig(file: string): CliConfig {
  for (let [text, before, same] = [textOf(file), "", 0]; ; [before, text] = [text, textOf(file)]) {
    const config = configIn(text);
    if (config) return config;
    same = text === before ? same + 1 : 0;
    if (same >= UNCHANGED) throw new Failure("Denied", `${notACliFile(file)}: a JSON object with profiles`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

const PAUSE_MS = 50;
const UNCHANGED = 4;
const notACliFile = (file: string) => `the credentials file ${file} is not in the format of the Alibaba Cloud CLI`;

/** Whether a file looks like the CLI's. A file that cannot be read counts as one, so that the error is reported. */
export function looksLikeCliFile(file: string): boolean {
  try {
    return textOf(file).trimStart().startsWith("{");
  } catch {
    return true;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice = "check alicloud:sharedCredentialsFile, or log in with the Alibaba Cloud CLI (aliyun configure)";
    throw new Failure("Denied", `the credentials file ${file} cannot be read (${code}); ${advice}`);
  }
}

function configIn(text: string): CliConfig | undefined {
  try {
    const { current, profiles } = Object(JSON.parse(text)) as { current?: unknown; profiles?: unknown };
    if (!Array.isArray(profiles)) return undefined;
    const objects = profiles.filter((one) => typeof one === "object" && one !== null) as Profile[];
    return { current: typeof current === "string" && current !== "" ? current : undefined, profiles: objects };
  } catch {
    return undefined; // the parser's message would repeat part of the file
  }
}
