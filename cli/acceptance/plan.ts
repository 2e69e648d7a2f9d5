import { createInterface } from "node:readline/promises";
import { credentialsFrom } from "../../provider/config/credentials";
import { settingsFrom } from "../../provider/config/settings";
import { endpointOf } from "../../provider/ecs/endpoint";
import { CALL_TIMEOUT_MS, send } from "../../provider/ecs/send";
import { Failure } from "../../provider/failure";
import { completeList } from "../lists";
import type { Terminal } from "../terminal";
import type { Options } from "./options";
import type { Given, Place } from "./stage";

/** US dollars, above the list prices of every region when this was written: an upper bound, not an estimate. */
const PRICES = { gibMonth: 0.1, gibCopied: 0.2, instanceHour: 0.5 };
const HOURS = 6;
const HOURS_A_MONTH = 720;
/** The size of an instance's disks, if no snapshot shows it. */
const ASSUMED_GIB = 100;
/**
 * At most this many images of the source exist at once: the present one, its version, the replaced one, the interrupted
 * one, an import, a tested one and its replacement.
 */
const IMAGES_AT_ONCE = 7;
/** A test that passes and one that fails, each on an instance of less than an hour. */
const TESTS = 2;

/** The place with the ids of its accounts. */
export async function accountsOf(place: Place, { clock }: Terminal): Promise<Place> {
  const { guest, given } = place;
  const account = await accountOf(place, clock);
  if (!guest) return { ...place, account };
  const accountId = await accountOf(guest, clock);
  if (accountId === account)
    throw new Failure("Invalid", `--second-profile must be of another account; ${guest.profile} is of ${account} too`);
  if (given.accountId !== undefined && given.accountId !== accountId)
    throw new Failure("Invalid", `--account-id is ${given.accountId}, and ${guest.profile} of account ${accountId}`);
  return { ...place, account, guest: { ...guest, account: accountId }, given: { ...given, accountId } };
}

/** The account of the credentials. Everyone may ask for their own. */
async function accountOf({ env, regions: [region = ""] }: Place, clock: Terminal["clock"]): Promise<string> {
  const settings = settingsFrom({ get: () => undefined }, env);
  const given = settings.endpoints.sts;
  const wanted = {
    service: "sts",
    regionId: region,
    given,
    protocol: given === undefined ? "HTTPS" : settings.protocol,
  } as const;
  const api = { version: "2015-04-01", endpoint: endpointOf(wanted), callTimeoutMs: CALL_TIMEOUT_MS };
  const outcome = await send(api, "GetCallerIdentity", {}, await credentialsFrom(settings, clock).get());
  if (outcome.is !== "answered")
    throw new Failure(
      "Denied",
      `finding out whose account this is: ${outcome.is === "refused" ? outcome.message : outcome.why}`,
    );
  return String((JSON.parse(outcome.text) as { AccountId?: unknown }).AccountId);
}

/** Tells in lines what the run is about to do. */
export async function planOf(place: Place, { hosts }: Options): Promise<string[]> {
  const { account, given, prefix, run, regions } = place;
  const gib = await sizeOfSource(place);
  const { secondRegion, bucket, accountId, secondProfile } = given;
  const source = given.snapshotId ?? given.instanceId;
  return [
    `Account ${account}, region ${regions.join(" and ")}.`,
    `It creates up to ${IMAGES_AT_ONCE} images of ${gib} GiB at a time, made of ${source}, ` +
      `with the ${hosts.join(" and then the ")} provider.`,
    ...(secondRegion ? [`It copies one of them to ${secondRegion}.`] : []),
    ...(bucket ? [`It exports one to oss://${bucket}, and imports it again.`] : []),
    ...(accountId ? [`It shares one with account ${accountId}, and stops sharing it.`] : []),
    ...(secondProfile ? [`There it is looked up and copied, with the profile ${secondProfile}.`] : []),
    ...(isTesting(given)
      ? [`It starts ${TESTS} small instances from them, one after the other, with each provider.`]
      : []),
    `All of it is named ${prefix}-..., carries the tag pulumi-acceptance=${run}, and is removed at the end: ` +
      `within half an hour to three hours, and ${HOURS} at most.`,
    `It costs at most ${costOf(gib, given, hosts.length)} US dollars.`,
    `If it is killed: npx pulumi-alicloud-image acceptance --clean-up --run ${run}`,
  ];
}

const isTesting = ({ vSwitchId, securityGroupId }: Given) => vSwitchId !== undefined && securityGroupId !== undefined;

/** The highest cost, in whole dollars. */
function costOf(gib: number, given: Given, hosts: number): number {
  const { secondRegion, bucket, secondProfile } = given;
  const stored = gib * (IMAGES_AT_ONCE + [secondRegion, bucket, secondProfile].filter(Boolean).length);
  const storage = (stored * PRICES.gibMonth * HOURS) / HOURS_A_MONTH;
  const copies = secondRegion ? gib * PRICES.gibCopied * hosts : 0;
  const instances = isTesting(given) ? TESTS * PRICES.instanceHour * hosts : 0;
  return Math.max(1, Math.ceil(storage + copies + instances));
}

async function sizeOfSource({ given, context }: Place): Promise<number> {
  const filter =
    given.snapshotId === undefined
      ? { InstanceId: given.instanceId! }
      : { SnapshotIds: JSON.stringify([given.snapshotId]) };
  const rows = await completeList("DescribeSnapshots", filter, context("looking at the source"));
  if (given.snapshotId !== undefined && rows.length === 0)
    throw new Failure("Invalid", `there is no snapshot ${given.snapshotId} in this account and region`);
  const sizes = rows.map(({ SourceDiskSize }) => Number(SourceDiskSize) || 0);
  return Math.max(0, ...sizes) || ASSUMED_GIB;
}

/** False if the person declines. */
export async function confirmed({ stdin, say }: Terminal): Promise<boolean> {
  say("Continue? (yes or no)");
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
