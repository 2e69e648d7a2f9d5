const WIDTH = 120;

/** Text as lines of at most `width` characters. Text between backticks stays on one line. */
function wrapped(text, width) {
  const lines = [""];
  for (const word of text.split(/\s+(?=(?:[^`]*`[^`]*`)*[^`]*$)/)) {
    const line = lines.at(-1);
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** A doc comment of paragraphs and, at its end, an example in TypeScript. */
export function comment(paragraphs, { indent = "", example } = {}) {
  const text = [paragraphs].flat();
  const only = `${indent}/** ${text[0]} */`;
  if (text.length === 1 && !example && only.length <= WIDTH) return only;
  const width = WIDTH - indent.length - " * ".length;
  const lines = text.flatMap((paragraph, n) => [...(n > 0 ? [""] : []), ...wrapped(paragraph, width)]);
  if (example) lines.push("", "@example", ...example.split("\n"));
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join("\n");
}
