/** `4 s`, `90 s`, `5 min`, `3 h`, `30 days`: the largest unit of which there are at least two. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const [, size, unit] = UNITS.find(([least]) => seconds >= least)!;
  return `${Math.round(seconds / size)} ${unit}`;
}

const UNITS = [
  [2 * 86_400, 86_400, "days"],
  [2 * 3_600, 3_600, "h"],
  [120, 60, "min"],
  [0, 1, "s"],
] as const;
