import { createInterface } from "node:readline/promises";
import type { Orphan } from "./model";
import type { Terminal } from "./terminal";

/** Asks which of the numbered orphans to delete. Choosing an image also chooses its snapshots. */
export async function askWhich(numbered: readonly Orphan[], { stdin, say }: Terminal): Promise<Orphan[]> {
  const retained = numbered.filter(({ origin }) => origin !== "interrupted").length;
  if (retained > 0)
    say(
      `${retained} of these ${retained === 1 ? "was" : "were"} returned to an engine once. If another stack has ` +
        "the same project and name, in another backend or before a rename, it may use them.",
    );
  say(`Which of them do you want to delete? This cannot be undone. Numbers (1 3-5), all, or none:`);
  const lines = createInterface({ input: stdin });
  try {
    for await (const line of lines) {
      const numbers = numbersIn(line, numbered.length);
      if (numbers) {
        if (numbers.size === 0) say("Nothing was deleted.");
        return withSnapshots(numbers, numbered, say);
      }
      say(`Give numbers from 1 to ${numbered.length} such as 1 3-5, or all, or none:`);
    }
    say("Nothing was deleted.");
    return [];
  } finally {
    lines.close();
  }
}

/** The numbers in a line; undefined if the line is not valid. An empty line chooses nothing. */
function numbersIn(line: string, count: number): Set<number> | undefined {
  const words = line
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (words.length === 0 || (words.length === 1 && ["none", "no", "n"].includes(words[0]!))) return new Set();
  if (words.length === 1 && words[0] === "all") return new Set(Array.from({ length: count }, (_, i) => i + 1));
  const numbers = new Set<number>();
  for (const word of words) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first >= 1 && last >= first && last <= count)) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}

/**
 * Adds the snapshots of chosen images, and drops snapshots whose image was not chosen: they cannot be deleted before
 * it.
 */
function withSnapshots(numbers: ReadonlySet<number>, numbered: readonly Orphan[], say: Terminal["say"]): Orphan[] {
  const ids = new Set([...numbers].map((number) => numbered[number - 1]!.id));
  const stays = (imageId: string | undefined) => numbered.some(({ id }) => id === imageId) && !ids.has(imageId!);
  return numbered.filter(({ kind, id, imageId }) => {
    if (ids.has(id) && stays(imageId)) say(`${kind} ${id} stays: its image ${imageId} was not chosen.`);
    return ids.has(imageId ?? "") || (ids.has(id) && !stays(imageId));
  });
}
