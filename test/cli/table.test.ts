import { type Column, tableOf } from "../../cli/table";
import fc from "../support/fast-check";

interface Row {
  id: string;
  name: string;
  note: string;
}
const columns: Column<Row>[] = [
  { heading: "ID", text: ({ id }) => id },
  { heading: "NAME", text: ({ name }) => name, mayShrink: true },
  { heading: "", text: ({ note }) => note, isNote: true },
];
const rows = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 1e9 }).map((n) => `m-${n}`),
    name: fc.oneof(fc.string({ maxLength: 60 }), fc.constant("黄金镜像".repeat(9))),
    note: fc.constantFrom("", "kept: too young"),
  }),
  { minLength: 1, maxLength: 5 },
);
/** How many places a line takes, with two for each Chinese character. */
const places = (line: string) => [...line].length + [...line].filter((one) => /\p{Script=Han}/u.test(one)).length;

test("no line is wider than the terminal, and no id is cut", () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 24, max: 120 }), (all, width) => {
      const lines = tableOf(columns, all, width);
      expect(Math.max(...lines.map(places))).toBeLessThanOrEqual(width);
      for (const { id } of all) expect(lines.some((line) => line.includes(id))).toBe(true);
    }),
  );
});

test("into a file or a pipe, every row is one line that is never cut", () => {
  fc.assert(
    fc.property(rows, (all) => {
      const lines = tableOf(columns, all);
      expect(lines).toHaveLength(all.length + 1);
      all.forEach(({ name, note }, n) => {
        expect(lines[n + 1]).toContain(name.replace(/\p{Cc}/gu, "?").trimEnd());
        expect(lines[n + 1]!.endsWith(note)).toBe(true);
      });
    }),
  );
});

test("if even the ids are too wide for columns, each row is a paragraph", () => {
  const lines = tableOf(columns, [{ id: "m-bp1abcdefghijklmnop", name: "golden", note: "kept: too young" }], 24);
  expect(lines).toEqual(["  id: m-bp1abcdefghijklmnop", "  name: golden", "  kept: too young", ""]);
});
