/** One figure of the bench, with the plain provider's if it has one. */
export interface Line {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly plain?: number;
  /**
   * The target: the highest acceptable value, or with `atLeast` the lowest. Without it, the figure is for information.
   */
  readonly aim?: number;
  readonly atLeast?: true;
}

export const isReached = ({ ours, aim, atLeast }: Line): boolean | undefined =>
  aim === undefined ? undefined : atLeast ? ours >= aim : ours <= aim;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The lines as a table in Markdown, its columns aligned for a terminal as well. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const reached = isReached(line);
    const aim = line.aim === undefined ? "" : `${line.atLeast ? "≥" : "≤"} ${written(line.aim)} ${line.unit}`;
    return [
      line.what,
      aim.trim(),
      `${written(line.ours)} ${line.unit}`.trim(),
      line.plain === undefined ? "" : `${written(line.plain)} ${line.unit}`.trim(),
      reached === undefined ? "" : reached ? "yes" : "NO",
    ];
  });
  const all = [["what", "aim", "this package", "plain provider", "reached"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const text = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [text(all[0]!), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...all.slice(1).map(text)].join(
    "\n",
  );
}

const written = (value: number): string =>
  Number.isInteger(value)
    ? value.toLocaleString("en")
    : value >= 100
      ? Math.round(value).toLocaleString("en")
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);
