/** One column of a table. */
export interface Column<Row> {
  readonly heading: string;
  text(row: Row): string;
  /** Whether it may be cut if the terminal is too narrow. */
  readonly mayShrink?: true;
  /** Whether it goes on a line of its own if the terminal is too narrow. */
  readonly isNote?: true;
}

const GAP = 2;
const NARROWEST = 8;

/**
 * One line for each row, with a heading. If the columns do not fit into `width`, notes go on lines of their own; then
 * columns that may shrink are cut; if that is not enough, each row becomes a paragraph.
 */
export function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  const widths = columns.map(({ heading }, n) => Math.max(widthOf(heading), ...cells.map((line) => widthOf(line[n]!))));
  const total = (of: readonly number[]) => of.reduce((sum, one) => sum + one + GAP, -GAP);
  if (width === undefined || total(widths) <= width) return lined(columns, cells, widths);

  const isNote = (n: number) => columns[n]!.isNote === true;
  const plain = <T>(line: readonly T[]) => line.filter((_, n) => !isNote(n));
  const fitting = shrunk(
    columns.filter(({ isNote: note }) => !note),
    plain(widths),
    width,
  );
  if (!fitting) return cells.flatMap((line) => paragraph(columns, line));
  const [heading, ...lines] = lined(
    columns.filter((_, n) => !isNote(n)),
    cells.map(plain),
    fitting,
  );
  const notes = cells.map((line) => line.filter((cell, n) => isNote(n) && cell !== "").map((cell) => `    ${cell}`));
  return [heading!, ...lines.flatMap((line, n) => [line, ...notes[n]!])];
}

/** Shortens the widest column that may shrink until the rest fits; undefined if it never does. */
function shrunk<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number): number[] | undefined {
  const fitting = [...widths];
  for (let over = fitting.reduce((sum, one) => sum + one + GAP, -GAP) - width; over > 0; over--) {
    const candidates = fitting.flatMap((one, n) => (columns[n]!.mayShrink && one > NARROWEST ? [n] : []));
    const [widest] = candidates.sort((a, b) => fitting[b]! - fitting[a]!);
    if (widest === undefined) return undefined;
    fitting[widest]!--;
  }
  return fitting;
}

function lined<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  widths: readonly number[],
): string[] {
  return [columns.map(({ heading }) => heading), ...cells].map((line) =>
    line
      .map((cell, n) => padded(cell, widths[n]!))
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

const paragraph = <Row>(columns: readonly Column<Row>[], line: readonly string[]): string[] => [
  ...line.flatMap((cell, n) => {
    const { heading } = columns[n]!;
    return cell === "" || cell === "-" ? [] : [heading === "" ? `  ${cell}` : `  ${heading.toLowerCase()}: ${cell}`];
  }),
  "",
];

/** Names come from the cloud, so control characters, which could move the cursor, are replaced. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, "?");

/** Chinese characters take two columns in a terminal. */
const WIDE = /[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/u;
const widthOf = (text: string): number => [...text].reduce((sum, one) => sum + (WIDE.test(one) ? 2 : 1), 0);

function padded(text: string, width: number): string {
  if (widthOf(text) <= width) return text + " ".repeat(width - widthOf(text));
  let cut = "";
  for (const one of text) {
    if (widthOf(cut + one) > width - 1) break;
    cut += one;
  }
  return padded(`${cut}…`, width);
}
