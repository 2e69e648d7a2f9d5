import { play } from "./play";
import { sequenceAt, sequenceIn, sequenceText, shuffled, sizeOf } from "./sequence";
import { subjects } from "./subjects";

/**
 * One lane of `npm run test:crash`: plays every `lanes`-th sequence of a seed, pairs and triples of mishaps by turns,
 * and reports each to the parent. With a text, it plays only that sequence.
 */
const [mode, ...rest] = process.argv.slice(2);

async function lane(seed: number, lane: number, lanes: number, untilMs: number, part = ""): Promise<void> {
  const chosen = subjects.filter(({ label }) => label.includes(part));
  const spaces = [2, 3].map((count) => ({ count, indices: shuffled(sizeOf(chosen, count), seed) }));
  for (let number = 0; Date.now() < untilMs; number++) {
    const { count, indices } = spaces[number % spaces.length]!;
    const next = indices.next();
    if (next.done) return;
    if (Math.floor(number / spaces.length) % lanes !== lane) continue;
    const sequence = sequenceAt(chosen, count, next.value);
    const { violations, left, struckAt } = await play(sequence);
    process.send?.({
      count,
      subject: sequence.subject.label,
      text: sequenceText(sequence),
      violations,
      left,
      struckAt,
    });
  }
}

async function replay(text: string): Promise<void> {
  const { violations, left, struckAt } = await play(sequenceIn(text, subjects));
  console.log(`Points of the last run in which something struck: ${struckAt.join(", ")}`);
  console.log(`Left besides what the state holds: ${left}`);
  console.log(violations.length === 0 ? "It holds." : violations.map((violation) => `✗ ${violation}`).join("\n"));
  process.exitCode = violations.length === 0 ? 0 : 1;
}

const work =
  mode === "replay"
    ? replay(rest.join(" "))
    : lane(Number(rest[0]), Number(rest[1]), Number(rest[2]), Number(rest[3]), rest[4]);
work.then(
  () => process.disconnect?.(),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
