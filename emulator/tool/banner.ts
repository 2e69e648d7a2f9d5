import { accountsIn } from "../world/accounts";
import type { World } from "../world/world";
import { type Access, printed, pulumiConfigOf } from "./environment";

/** What the command prints at its start: where it listens, what it holds, and how to use it. */
export function banner(access: Access, cloud: World, stateFile: string | undefined): string {
  const { endpoint } = access;
  const isWindows = process.platform === "win32";
  const config = pulumiConfigOf(access);
  const kept = stateFile === undefined ? "" : `, and keeps what it holds in ${stateFile}`;
  return `The emulator listens at ${endpoint}${kept}.
${endpoint}/ shows what it holds, in a browser.

${accountsIn(cloud).map(holdings).join("\n\n")}

To use it, set in the environment of pulumi:
${indented(printed(isWindows ? "powershell" : "bash", access))}
or in a stack:
  pulumi config set alicloud:region ${config["alicloud:region"]}
  pulumi config set alicloud:accessKey ${config["alicloud:accessKey"]} --secret
  pulumi config set alicloud:secretKey ${config["alicloud:secretKey"]} --secret
  pulumi config set alicloud:endpoints '${JSON.stringify(config["alicloud:endpoints"])}'
or let it run your program:
  npx alicloud-image-emulator -- pulumi up

Ctrl-C ends it.
`;
}

function holdings(world: World): string {
  const own = [...world.images.values()].filter(({ owner }) => owner === "self");
  const rows: [kind: string, items: string[]][] = [
    ["instances", [...world.instances.values()].map((one) => `${one.instanceId} (${stateOf(one)})`)],
    ["snapshots", [...world.snapshots.values()].map((one) => `${one.snapshotId} (${one.sourceDiskType} disk)`)],
    ["images", own.map((one) => `${one.imageId}${one.imageName === "" ? "" : ` (${one.imageName})`}`)],
    ["buckets", [...world.buckets.values()].map((one) => `${one.name} (${contentOf([...one.objects.keys()])})`)],
    [
      "networks",
      [...world.vSwitches.values()].slice(0, 1).map((one) => `${one.vSwitchId}, ${groupIn(world, one.vpcId)}`),
    ],
    ["groups", [...world.resourceGroups.keys()]],
    ["roles", [...world.roles.keys()]],
  ];
  const shown = rows
    .filter(([, items]) => items.length > 0)
    .map(([kind, items]) => `  ${kind.padEnd(11)} ${some(items)}`);
  const regions = new Set(
    [...world.instances.values(), ...world.snapshots.values(), ...own].map((one) => one.regionId),
  );
  const where = regions.size > 0 ? `, in ${[...regions].join(", ")}` : "";
  return (
    `Account ${world.account.accountId} ` +
    `holds${shown.length > 0 ? `${where}:\n${shown.join("\n")}` : " nothing yet."}`
  );
}

const groupIn = ({ securityGroups }: World, vpcId: string): string =>
  [...securityGroups.values()].find((group) => group.vpcId === vpcId)?.securityGroupId ?? "no security group";

const stateOf = ({ status, locks }: { status: string; locks: string[] }): string =>
  [status.toLowerCase(), ...locks.map((lock) => `locked for ${lock}`)].join(", ");

const contentOf = (keys: string[]): string => (keys.length === 0 ? "empty" : `with ${some(keys, 2)}`);

/** The first of them, and how many more there are. */
const some = (items: string[], most = 8): string =>
  items.length > most ? `${items.slice(0, most).join(", ")} and ${items.length - most} more` : items.join(", ");

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");
