import { nameOfResource, type Orphan } from "./orphan";

const UNITS_MS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** In the two largest units that count: `3d 4h`, `12m 5s`. */
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

const ORIGIN: Readonly<Record<Orphan["origin"], string>> = {
  interrupted: "interrupted run",
  forgotten: "was in a state",
};

/** One line for each orphan, with a heading, in columns. */
export function tableOf(orphans: readonly Orphan[], nowMs: number): string[] {
  const lines = orphans.map((orphan) => [
    orphan.kind,
    orphan.id,
    printable(orphan.name ?? "-"),
    ageText(orphan.createdAt, nowMs),
    orphan.sizeGiB === undefined ? "-" : `${orphan.sizeGiB} GiB`,
    orphan.status,
    orphan.regionId,
    printable(nameOfResource(orphan) ?? "?"),
    ORIGIN[orphan.origin],
    orphan.kept === undefined ? "" : `kept: ${orphan.kept}`,
  ]);
  const all = [["KIND", "ID", "NAME", "AGE", "SIZE", "STATUS", "REGION", "MADE FOR", "LEFT BY", ""], ...lines];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

/** Names come from the cloud: none of them may move the cursor of a terminal. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, "?");
