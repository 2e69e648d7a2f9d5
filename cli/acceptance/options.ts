import { parseArgs } from "node:util";
import { Failure, messageOf } from "../../provider/failure";
import { type Given, HOSTS, type HostName } from "./stage";

export const acceptanceHelp = `Usage: pulumi-alicloud-image acceptance [options]

Tries this package on your own Alibaba Cloud account, with the Pulumi engine on the PATH: the full lifecycle of
each resource, in both providers. It says what it will create and what that may cost, and asks. Everything that
it creates has a prefix and the tag ${"pulumi-acceptance"}, and is removed at the end. docs/real-account.md lists
the required permissions.

  --instance-id <id>        make images of this instance, running or stopped
  --snapshot-id <id>        make images of this snapshot of a system disk instead
  --region <region>         where they are (ALICLOUD_REGION, or the profile's region)
  --bucket <name>           an OSS bucket of that region, for exports and imports
  --second-region <region>  for copies
  --account-id <id>         another account, for sharing
  --second-profile <name>   another account's profile of the Alibaba Cloud CLI: what it sees of a shared image
  --vswitch-id <id>         with --security-group-id, for tests of images: starts two small instances in turn
  --security-group-id <id>  in the VPC of the vSwitch; it needs no inbound rule
  --host <name>             dynamic or native (both, one after the other)
  --scene <name>            this scene and those that it builds on; can be repeated (all)
  --record <folder>         keep every call and answer, anonymously, for an issue or for compare
  --yes                     do not ask
  --clean-up                remove what a killed run left
  --run <id>                with --clean-up, only this run (default: those started on this machine)
  --help                    this text

Credentials are found as the provider finds them (ALICLOUD_ACCESS_KEY, ALICLOUD_PROFILE, ...).

Exit codes: 0 every scene passed or was skipped, and the account holds what it held before; 1 a scene failed, or
something is left; 2 the command could not run.
`;

export interface Options extends Given {
  readonly region?: string;
  readonly hosts: readonly HostName[];
  readonly scenes: readonly string[];
  readonly record?: string;
  readonly yes: boolean;
  readonly cleanUp: boolean;
  readonly run?: string;
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const known = {
  "instance-id": text,
  "snapshot-id": text,
  region: text,
  bucket: text,
  "second-region": text,
  "account-id": text,
  "second-profile": text,
  "vswitch-id": text,
  "security-group-id": text,
  host: texts,
  scene: texts,
  record: text,
  run: text,
  yes: flag,
  "clean-up": flag,
  help: { ...flag, short: "h" },
} as const;

/** The run's id: the value of a tag and the name of a folder. What has it is deleted, so its form is checked. */
const RUN = /^[0-9a-z]{8,20}$/;

export function optionsIn(args: readonly string[]): Options | "help" {
  const values = parsed(args);
  if (values.help) return "help";
  const hosts = values.host ?? HOSTS;
  const unknown = hosts.filter((host) => !(HOSTS as readonly string[]).includes(host));
  if (unknown.length > 0) throw new Failure("Invalid", `--host takes ${HOSTS.join(" or ")}, not ${unknown.join(", ")}`);
  const given = {
    instanceId: values["instance-id"],
    snapshotId: values["snapshot-id"],
    bucket: values.bucket,
    secondRegion: values["second-region"],
    accountId: values["account-id"],
    secondProfile: values["second-profile"],
    vSwitchId: values["vswitch-id"],
    securityGroupId: values["security-group-id"],
    region: values.region,
    record: values.record,
    run: values.run,
  };
  const cleanUp = values["clean-up"] ?? false;
  if (given.run !== undefined && !RUN.test(given.run))
    throw new Failure("Invalid", `--run takes the id that a run prints at its start, not "${given.run}"`);
  if (!cleanUp && (given.instanceId === undefined) === (given.snapshotId === undefined))
    throw new Failure("Invalid", "give either --instance-id or --snapshot-id: what the images are to be made of");
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Given),
    hosts: hosts as HostName[],
    scenes: values.scene ?? [],
    yes: values.yes ?? false,
    cleanUp,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    throw new Failure("Invalid", `${messageOf(error)} (--help lists the options)`);
  }
}
