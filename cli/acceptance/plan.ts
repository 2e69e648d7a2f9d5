import { createInterface } from "node:readline/promises";
import { credentialsFrom } from "../../provider/config/credentials";
import { settingsFrom } from "../../provider/config/settings";
import { endpointOf } from "../../provider/ecs/endpoint";
import { CALL_TIMEOUT_MS, send } from "../../provider/ecs/send";
import { Failure } from "../../provider/failure";
import { completeList } from "../lists";
import type { Terminal } from "../terminal";
import type { Options } from "./options";
import type { Place } from "./stage";

/** US dollars, above the list prices of every region when this was written: an upper bound and no estimate. */
const PRICES = { gibMonth: 0.1, gibCopied: 0.2 };
const HOURS = 6;
const HOURS_A_MONTH = 720;
/** Of an instance whose disks are not known from a snapshot. */
const ASSUMED_GIB = 100;
/**
 * At most so many images of the source are there at once: the present one, its version, the replaced one, the
 * interrupted one, an import.
 */
const IMAGES_AT_ONCE = 5;

/** Whose account the credentials are of. Everybody may ask that. */
export async function accountOf({ env, clock }: Terminal, region: string): Promise<string> {
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

/** What the run is about to do, in lines. */
export async function planOf(place: Place, account: string, { hosts }: Options): Promise<string[]> {
  const { given, prefix, run, regions } = place;
  const gib = await sizeOfSource(place);
  const { secondRegion, bucket, accountId } = given;
  const stored = gib * (IMAGES_AT_ONCE + (secondRegion ? 1 : 0) + (bucket ? 1 : 0));
  const cost =
    (stored * PRICES.gibMonth * HOURS) / HOURS_A_MONTH + (secondRegion ? gib * PRICES.gibCopied * hosts.length : 0);
  return [
    `Account ${account}, region ${regions.join(" and ")}.`,
    `It creates up to ${IMAGES_AT_ONCE} images of ${gib} GiB at a time, made of ` +
      `${given.snapshotId ?? given.instanceId}, with the ${hosts.join(" and then the ")} provider.`,
    ...(secondRegion ? [`It copies one of them to ${secondRegion}.`] : []),
    ...(bucket ? [`It exports one to oss://${bucket}, and imports it again.`] : []),
    ...(accountId ? [`It shares one with account ${accountId}, and takes that back.`] : []),
    `All of it is named ${prefix}-..., carries the tag pulumi-acceptance=${run}, and is removed at the end: ` +
      `within half an hour to three hours, and ${HOURS} at most.`,
    `It costs at most ${Math.max(1, Math.ceil(cost))} US dollars.`,
    `If it is killed: npx pulumi-alicloud-image acceptance --clean-up --run ${run}`,
  ];
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

/** False: the person does not want it. */
export async function confirmed({ stdin, say }: Terminal): Promise<boolean> {
  say("Go on? (yes or no)");
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
