import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { Failure } from "../../provider/failure";
import { noProgress } from "../../provider/lifecycle/progress";
import { Session } from "../../provider/lifecycle/session";
import type { Terminal } from "../terminal";
import type { Options } from "./options";
import type { Place } from "./stage";

/** The folder for runs of this machine. A run's folder stays until the account holds again what it held before. */
export const RUNS = path.join(tmpdir(), "pulumi-alicloud-image-acceptance");
export const folderOf = (run: string) => path.join(RUNS, run);

/** The folder, the environment and the account of a run. */
export function placeOf(run: string, options: Options, { env, clock, folder }: Terminal): Place {
  const place = folderOf(run);
  const recording = options.record === undefined ? path.join(place, "recording") : path.resolve(folder, options.record);
  const preload = path.resolve(__dirname, "../../recording/preload.js");
  const own: NodeJS.ProcessEnv = {
    ...env,
    ...(options.region !== undefined && { ALICLOUD_REGION: options.region }),
    NODE_OPTIONS: `${env["NODE_OPTIONS"] ?? ""} --require ${JSON.stringify(preload)}`.trim(),
    ALICLOUD_IMAGE_RECORDING: recording,
    ALICLOUD_IMAGE_RECORDING_KEY: randomBytes(32).toString("hex"),
    PULUMI_BACKEND_URL: backendIn(place),
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const whole = { folder: place, recording, env: own, run, prefix: `pulumi-acceptance-${run}`, given: options };
  const here: Place = { ...whole, regions: [], ...actingAs(own, clock, options.region) };
  const region = here.session.defaultRegion();
  if (region === undefined) throw new Failure("Invalid", "no region is known; name it with --region");
  const { secondRegion, secondProfile } = options;
  const guest = secondProfile === undefined ? undefined : guestOf(here, secondProfile, region, clock);
  const regions = [...new Set([region, ...(secondRegion === undefined ? [] : [secondRegion])])];
  return { ...here, ...actingAs(own, clock, region), regions, ...(guest && { guest }) };
}

const backendIn = (place: string): string => `file://${path.join(place, "backend")}`;

/** The other account has its own state and recording, so that each recording shows one account's view. */
function guestOf(place: Place, profile: string, region: string, clock: Terminal["clock"]): Place {
  const folder = path.join(place.folder, "second-account");
  const recording = path.join(place.recording, "second-account");
  const env = {
    ...Object.fromEntries(Object.entries(place.env).filter(([name]) => !SAYS_WHO.test(name))),
    ALICLOUD_PROFILE: profile,
    ALICLOUD_REGION: region,
    ALICLOUD_IMAGE_RECORDING: recording,
    PULUMI_BACKEND_URL: backendIn(folder),
  };
  const { bucket: _bucket, secondRegion: _region, ...given } = place.given;
  return { ...place, folder, recording, env, profile, given, regions: [region], ...actingAs(env, clock, region) };
}

/**
 * Variables that select an identity: all of Alibaba Cloud's except the addresses of services and the file of profiles.
 */
const SAYS_WHO = /^(ALICLOUD|ALIBABA_?CLOUD)_(?!ENDPOINT_|(SHARED_)?CREDENTIALS_FILE|IMAGE_RECORDING)/;

function actingAs(
  env: NodeJS.ProcessEnv,
  clock: Terminal["clock"],
  region?: string,
): Pick<Place, "session" | "context"> {
  const session = new Session({ env, clock, progress: noProgress });
  return {
    session,
    context: (doing, regionId = region) => session.contextFor({ urn: "", doing, regionId, timeoutMs: 30 * 60_000 }),
  };
}
