import { Failure, messageOf } from "../provider/failure";
import { taggedImagesIn } from "./holdings";
import { type Inventory, inventoryOf, sharedWith } from "./inventory";
import { ageMsIn, parsedBy } from "./options";
import { pulumiIn } from "./pulumi";
import { Query } from "./query";
import { ageText } from "./report";
import type { StackState } from "./stack-state";
import { type Column, tableOf } from "./table";
import type { Terminal } from "./terminal";

const help = `Usage: pulumi-alicloud-image list [options]

Lists every image that this package created in an account, of all stacks, with what keeps it and what it costs.
Changes nothing. The tags of an image have only hashes of its stack and resource. So the list shows names for
the given or selected stack only.

  --stack <name>         the stack whose names and configuration are used: <stack> or <project>/<stack>
  --state <file>         its state, as pulumi stack export prints it; - for standard input
  --provider <name>      use the configuration and account of this provider: alicloud, alicloud-image, or an
                         explicit provider of the stack
  --region <id,...>      also search these regions, besides the configured one and those of the state; can be
                         repeated
  --older-than <age>     only what is older: 30m, 2h, 90d
  --unused               only what no instance uses
  --price <n>            what one GiB of snapshots costs a month: adds the cost, an upper bound like the size
  --json                 print the result as JSON
  --help                 this text

The size is the size of the disks. Snapshots share blocks, so the bill is lower.

Exit codes: 0 no image matches --older-than and --unused, or neither is given; 1 an image matches; 2 the search
failed.
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const known = {
  stack: text,
  state: text,
  provider: text,
  region: { type: "string", multiple: true },
  "older-than": text,
  unused: flag,
  price: text,
  json: flag,
  help: { ...flag, short: "h" },
} as const;

interface Options {
  readonly stack: string | undefined;
  readonly state: string | undefined;
  readonly provider: string | undefined;
  readonly regions: readonly string[];
  readonly olderThanMs: number | undefined;
  readonly unused: boolean;
  readonly price: number | undefined;
  readonly json: boolean;
}

function optionsIn(args: readonly string[]): Options | "help" {
  const values = parsedBy(known, args);
  if (values.help) return "help";
  const { stack, state, provider, unused = false, json = false, price } = values;
  if (price !== undefined && !/^\d+(\.\d+)?$/.test(price))
    throw new Failure("Invalid", `--price takes a number such as 0.0173, not ${JSON.stringify(price)}`);
  const age = values["older-than"];
  return {
    ...{ stack, state, provider, unused, json },
    regions: (values.region ?? []).flatMap((one) => one.split(",").map((id) => id.trim())).filter(Boolean),
    olderThanMs: age === undefined ? undefined : ageMsIn(age),
    price: price === undefined ? undefined : Number(price),
  };
}

/** Runs the command and returns its exit code. An error is reported in one sentence. */
export async function list(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    const options = optionsIn(args);
    if (options !== "help") return await run(options, terminal);
    terminal.out(help);
    return 0;
  } catch (error) {
    terminal.say(`list: ${messageOf(error)}`);
    return 2;
  }
}

async function run(options: Options, terminal: Terminal): Promise<0 | 1> {
  const query = new Query({ ...orphanOptions, ...options, olderThanMs: 0 }, terminal);
  const { session } = query;
  const hasState = options.state !== undefined || options.stack !== undefined || isProject(terminal);
  const state = hasState ? await query.state() : undefined;
  const own = session.defaultRegion();
  const regions = [...new Set([...(own === undefined ? [] : [own]), ...(state?.regions ?? []), ...options.regions])];
  if (regions.length === 0) throw new Failure("Invalid", "no region is known; name it with --region");
  const nowMs = terminal.clock.now();
  const found = await Promise.all(
    regions.map(async (regionId) => {
      const ctx = session.contextFor({ urn: "", doing: `listing images in ${regionId}`, regionId, timeoutMs: 300_000 });
      const images = await taggedImagesIn(ctx, terminal.say);
      return inventoryOf(images, { regionId, state, nowMs, shares: await sharedWith(images, ctx) });
    }),
  );
  const matching = found.flat().filter((image) => matches(image, options));
  const account = await session.account();
  show({ account, regions, images: matching }, state, options, terminal);
  const isFiltered = options.olderThanMs !== undefined || options.unused;
  return isFiltered && matching.length > 0 ? 1 : 0;
}

/** The options of `orphans` that `list` does not have: it looks at everything and deletes nothing. */
const orphanOptions = { acknowledges: [], all: true, deletes: false, yes: false, retained: false };

const isProject = (terminal: Terminal): boolean => pulumiIn(terminal, undefined).projectName() !== undefined;

const matches = ({ ageSeconds, isUsed }: Inventory, { olderThanMs = 0, unused }: Options): boolean =>
  (olderThanMs === 0 || (ageSeconds ?? 0) * 1_000 >= olderThanMs) && !(unused && isUsed);

interface Result {
  readonly account: string | undefined;
  readonly regions: readonly string[];
  readonly images: readonly Inventory[];
}

function show(
  { account, regions, images }: Result,
  state: StackState | undefined,
  options: Options,
  terminal: Terminal,
) {
  const { price, json } = options;
  const cost = ({ gib }: Inventory) => Math.round(gib * price! * 100) / 100;
  const priced = images.map((image) => ({ ...image, ...(price !== undefined && { costAMonth: cost(image) }) }));
  if (json) {
    terminal.out(JSON.stringify({ ...(account !== undefined && { account }), regions, images: priced }, undefined, 2));
    return;
  }
  const place =
    `in ${regions.join(", ")} of ` +
    `${account === undefined ? "an account that STS does not name" : `account ${account}`}`;
  terminal.out(
    images.length === 0
      ? `No images ${place}.`
      : `${images.length === 1 ? "1 image" : `${images.length} images`} ${place}:`,
  );
  if (images.length === 0) return;
  terminal.out("");
  for (const line of tableOf(
    columnsFor(price === undefined ? undefined : cost, terminal.clock.now()),
    images,
    terminal.width,
  ))
    terminal.out(line);
  const total = images.reduce((sum, { gib }) => sum + gib, 0);
  const sum = price === undefined ? "" : `, and cost ${(Math.round(total * price * 100) / 100).toString()} a month`;
  terminal.out(`\nTheir disks have ${total} GiB${sum}, at most: snapshots share blocks.`);
  if (images.some(({ project }) => project === undefined))
    terminal.out(
      state === undefined
        ? "Stacks and resources are shown as the hashes in the tags; run this in a project, or give --state, " +
            "for the names of a stack."
        : `Other stacks than ${state.name.project}/${state.name.stack} are shown as the hashes in their tags.`,
    );
}

const columnsFor = (cost: ((image: Inventory) => number) | undefined, nowMs: number): Column<Inventory>[] => [
  { heading: "PROJECT", text: ({ project }) => project ?? "?", mayShrink: true },
  { heading: "STACK", text: ({ stack }) => stack },
  { heading: "RESOURCE", text: ({ resource }) => resource, mayShrink: true },
  { heading: "REGION", text: ({ regionId }) => regionId },
  { heading: "ID", text: ({ imageId }) => imageId },
  { heading: "STATUS", text: ({ status }) => status },
  { heading: "VERSION", text: ({ version }) => (version === 0 ? "present" : `-${version}`) },
  { heading: "AGE", text: ({ createdAt }) => ageText(createdAt, nowMs) },
  { heading: "USED", text: ({ isUsed }) => (isUsed ? "yes" : "no") },
  { heading: "SHARED", text: ({ sharedWith: count }) => String(count) },
  { heading: "TESTED", text: ({ tested }) => (tested ? "yes" : "no") },
  { heading: "GIB", text: ({ gib }) => String(gib) },
  ...(cost === undefined ? [] : [{ heading: "COST", text: (image: Inventory) => cost(image).toFixed(2) }]),
];
