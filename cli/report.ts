import { urnParts } from "../provider/lifecycle/ownership";
import type { Orphan } from "./model";
import type { Options } from "./options";
import type { Finding } from "./query";
import { type Column, tableOf } from "./table";
import type { Terminal } from "./terminal";

const UNITS_MS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** The age in its two largest units: `3d 4h`, `12m 5s`. */
export function ageText(createdAt: string | undefined, nowMs: number): string {
  const ageMs = nowMs - Date.parse(createdAt ?? "");
  if (Number.isNaN(ageMs)) return "?";
  const from = UNITS_MS.findIndex(([, unitMs]) => ageMs >= unitMs);
  if (from < 0) return "0s";
  let leftMs = ageMs;
  const parts = UNITS_MS.slice(from, from + 2).map(([unit, unitMs]) => {
    const count = Math.floor(leftMs / unitMs);
    leftMs -= count * unitMs;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.filter(Boolean).join(" ");
}

export const countOf = ({ length }: readonly Orphan[]) => (length === 1 ? "1 orphan" : `${length} orphans`);

/** Prints the finding. `numbered` are the orphans to choose from. */
export function describe(
  { state, account, unasked, regions, orphans, acknowledged }: Finding,
  numbered: readonly Orphan[],
  { olderThanMs, all }: Options,
  { clock, out, say, width }: Terminal,
): void {
  for (const { urn, operation } of state.interrupted)
    say(
      `Warning: a run was interrupted or is still active: ${operation} ${urn}. The next pulumi up takes over what ` +
        "it started.",
    );
  for (const provider of unasked)
    say(
      `Warning: provider ${provider} may use another account, which was not searched. Search it with --provider ` +
        `${provider}.`,
    );
  const place =
    `in ${regions.join(", ")} of ` +
    `${account === undefined ? "an account that STS does not name" : `account ${account}`}`;
  const where = `stack ${state.name.stack} of project ${state.name.project}, ${place}`;
  const listed = all ? [...orphans, ...acknowledged] : orphans;
  if (orphans.length === 0) out(`No orphans: the state has everything that was found of ${where}.`);
  else out(`${countOf(orphans)} of ${where}:`);
  if (listed.length > 0) {
    out("");
    for (const line of tableOf(columnsFor(listed, numbered, clock.now()), listed, width)) out(line);
  }
  if (acknowledged.length > 0 && !all)
    out(`${acknowledged.length} kept on purpose and not listed (--all lists what is acknowledged).`);
  if (orphans.length > 0) out(`\n${sizeText(orphans)}${adviceOn(orphans, olderThanMs)}`);
}

const sizeText = (orphans: readonly Orphan[]): string => {
  const gib = orphans.reduce((sum, { sizeGiB = 0, kind }) => sum + (kind === "snapshot" ? sizeGiB : 0), 0);
  return gib > 0 ? `Their snapshots take ${gib} GiB. ` : "";
};

function adviceOn(orphans: readonly Orphan[], olderThanMs: number): string {
  const notes = ["Rows marked as kept are not deleted."];
  if (orphans.some(({ kept }) => kept === "too young"))
    notes.push(`Too young means younger than ${ageText(new Date(0).toISOString(), olderThanMs)} (--older-than).`);
  if (orphans.some(({ origin }) => origin !== "interrupted"))
    notes.push("Use --acknowledge <ids> for images that you keep on purpose.");
  return notes.slice(orphans.some(({ kept }) => kept !== undefined) ? 0 : 1).join(" ");
}

const ORIGIN: Readonly<Record<Orphan["origin"], string>> = {
  interrupted: "interrupted run",
  unconfirmed: "unconfirmed run",
  retained: "removed from state",
};

/** The columns in their order. Those that identify an orphan are never cut. */
function columnsFor(listed: readonly Orphan[], numbered: readonly Orphan[], nowMs: number): Column<Orphan>[] {
  const number = new Map(numbered.map(({ id }, n) => [id, String(n + 1)]));
  const severalRegions = new Set(listed.map(({ regionId }) => regionId)).size > 1;
  const columns: (Column<Orphan> | false)[] = [
    numbered.length > 0 && { heading: "#", text: ({ id }) => number.get(id) ?? "-" },
    { heading: "KIND", text: ({ kind }) => kind },
    { heading: "ID", text: ({ id }) => id },
    { heading: "NAME", text: ({ name }) => name ?? "-", mayShrink: true },
    { heading: "AGE", text: ({ createdAt }) => ageText(createdAt, nowMs) },
    { heading: "SIZE", text: ({ sizeGiB }) => (sizeGiB === undefined ? "-" : `${sizeGiB} GiB`) },
    { heading: "STATUS", text: ({ status }) => status },
    severalRegions && { heading: "REGION", text: ({ regionId }) => regionId },
    { heading: "RESOURCE", text: ({ urn }) => (urn === undefined ? "?" : urnParts(urn).name), mayShrink: true },
    { heading: "ORIGIN", text: ({ origin }) => ORIGIN[origin], mayShrink: true },
    { heading: "", text: ({ kept }) => (kept === undefined ? "" : `kept: ${kept}`), isNote: true },
  ];
  return columns.filter((column) => column !== false);
}

export function asJson(
  { state, account, unasked, regions, orphans, acknowledged }: Finding,
  outcomes: ReadonlyMap<string, string>,
  nowMs: number,
): object {
  const shown = ({ ownerTag: _tag, resource: _hash, ...orphan }: Orphan) => {
    const createdMs = Date.parse(orphan.createdAt ?? "");
    const outcome = outcomes.get(orphan.id);
    return {
      ...orphan,
      ...(!Number.isNaN(createdMs) && { ageSeconds: Math.floor((nowMs - createdMs) / 1_000) }),
      ...(outcome !== undefined && { outcome }),
    };
  };
  return {
    ...state.name,
    ...(account !== undefined && { account }),
    regions,
    unasked,
    interrupted: state.interrupted,
    orphans: orphans.map(shown),
    acknowledged: acknowledged.map(shown),
  };
}
