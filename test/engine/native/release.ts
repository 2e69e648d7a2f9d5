import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { repository } from "../support";
import { temporary } from "./support";

/** A file server with the files of a release. */
export interface Release {
  readonly url: string;
  /** The names of the files that were downloaded. */
  readonly served: readonly string[];
  close(): void;
}

let packed: string | undefined;
/** The folder with the files of a release, as `npm run plugin` packs them. */
export function releaseFolder(): string {
  if (packed === undefined) {
    packed = temporary("release");
    execFileSync(process.execPath, [path.join(repository, "scripts/plugin.mjs"), packed]);
  }
  return packed;
}

export async function serveRelease(): Promise<Release> {
  const folder = releaseFolder();
  const served: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    const file = path.join(folder, path.basename(decodeURIComponent(url)));
    if (!existsSync(file)) return void response.writeHead(404).end();
    served.push(path.basename(file));
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, served, close: () => void server.close() };
}
