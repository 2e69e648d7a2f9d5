import { readFileSync } from "node:fs";
import path from "node:path";
import { repository } from "../support";

interface Page {
  readonly files: Readonly<Record<string, string>>;
  readonly commands: string;
}

/** The files and the commands below the heading of a page. */
export function pageOf(name: string): Page {
  const text = readFileSync(path.join(repository, "docs", name), "utf8");
  const section = /## From an empty folder\n([\s\S]*?)(?:\n## |$)/.exec(text)![1]!;
  const files = [...section.matchAll(/^`([\w./]+)`.*:\n\n```\w+\n([\s\S]*?)```/gm)].map(([, file, body]) => [
    file,
    body,
  ]);
  return { files: Object.fromEntries(files), commands: /```sh\n([\s\S]*?)```/.exec(section)![1]! };
}
