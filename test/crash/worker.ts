import { play } from "./play";
import { sequenceAt, sequenceIn, sequenceText, shuffled, sizeOf } from "./sequence";
import { subjects } from "./subjects";

const [count = "2", seed = "1", many = "50", replay] = process.argv.slice(2);
void (async () => {
  if (replay) {
    console.log(await play(sequenceIn(replay, subjects)));
    return;
  }
  const size = sizeOf(subjects, Number(count));
  console.log(size);
  let n = 0,
    bad = 0;
  const t = Date.now();
  for (const index of shuffled(size, Number(seed))) {
    if (n++ >= Number(many)) break;
    const s = sequenceAt(subjects, Number(count), index);
    const { violations } = await play(s);
    if (violations.length) {
      bad++;
      console.log(sequenceText(s));
      for (const v of violations) console.log("    ", v.slice(0, 300));
    }
  }
  console.log({ n, bad, ms: Date.now() - t });
})();
