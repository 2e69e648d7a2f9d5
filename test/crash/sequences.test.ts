import { FRONTS } from "../support/fronts";
import { isFull } from "../support/sample";
import { play } from "./play";
import { scenarios } from "./scenarios";
import { sequenceAt, sequenceIn, sequenceText, shuffled, sizeOf, type Turn, turns } from "./sequence";
import { type Subject, subjects } from "./subjects";

/** A sample of the sequences that `npm run test:crash` plays: two and three mishaps in a row. */
const SEED = 20_260_101;
const SAMPLES = { 1: 1, 2: 2, 3: 1 } as const;

/** A test of an image makes many times the calls, so its subject plays a quarter of the sequences. */
async function complaints(subject: Subject, seed: number): Promise<string[]> {
  const found: string[] = [];
  for (const [count, size] of Object.entries(SAMPLES)) {
    const indices = shuffled(sizeOf([subject], Number(count)), seed);
    for (let i = 0; i < (subject.args["test"] ? size / 4 : size); i++) {
      const sequence = sequenceAt([subject], Number(count), Number(indices.next().value));
      const { violations } = await play(sequence);
      if (violations.length > 0) found.push(`${sequenceText(sequence)}\n    ${violations.join("\n    ")}`);
    }
  }
  return found;
}

const rows = subjects.map((subject, index) => ({ subject, label: subject.label, seed: SEED + index }));

describe("after any two or three mishaps, one up repairs everything, and a destroy leaves nothing", () => {
  it.each(rows)("$label", async ({ subject, seed }) => {
    expect(await complaints(subject, seed)).toEqual([]);
  });
});

/** What `npm run test:crash` plays in full, because no sweep of single kills covers what is not in `scenarios`. */
const STRIDE = isFull ? 1 : 270;
const unswept = rows.filter(({ subject }) => scenarios.every(({ kind }) => kind !== subject.kind));

describe("after one mishap in an up or after it, one up repairs it, and a destroy leaves nothing", () => {
  it.each(unswept)(
    "$label",
    async ({ subject, seed }) => {
      const found: string[] = [];
      for (let i = seed % STRIDE; i < turns.length; i += STRIDE) {
        const begins: readonly Turn[] = i % 2 === 0 || STRIDE === 1 ? [{ op: "up" }] : [];
        const front = FRONTS[Math.floor(i / STRIDE) % 2]!;
        const sequence = { subject, front, cloud: "answers as recorded", turns: [...begins, turns[i]!] };
        const { violations } = await play(sequence);
        if (violations.length > 0) found.push(`${sequenceText(sequence)}\n    ${violations.join("\n    ")}`);
      }
      expect(found).toEqual([]);
    },
    60 * 60_000,
  );
});

it("a sequence can be parsed from its text", () => {
  for (const count of [1, 2, 3])
    for (let i = 0; i < 1_000; i++) {
      const sequence = sequenceAt(subjects, count, (i * 7_919) % sizeOf(subjects, count));
      expect(sequenceIn(sequenceText(sequence), subjects)).toEqual(sequence);
    }
});

it("every sequence occurs once", () => {
  for (const size of [7, 64, 1_000]) {
    const all = [...shuffled(size, SEED)];
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
  }
});
