import { inWords } from "../../provider/wait/duration";

it.each([
  [400, "0 s"],
  [4_000, "4 s"],
  [90_000, "90 s"],
  [300_000, "5 min"],
  [5_400_000, "90 min"],
  [10_800_000, "3 h"],
  [30 * 86_400_000, "30 days"],
])("%i ms are %s", (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
