import { readFileSync } from "node:fs";
import path from "node:path";

const part = (file: string) => readFileSync(path.join(__dirname, file), "utf8");

/**
 * The page at `/`: one document that contains its style and script, and loads nothing from elsewhere. It reads the two
 * documents of `/_emulator/` once a second.
 */
export function page(): string {
  return part("page.html")
    .replace('<link rel="stylesheet" href="page.css">', () => `<style>\n${part("page.css")}</style>`)
    .replace('<script src="page.js"></script>', () => `<script>\n${part("page.js")}</script>`);
}
