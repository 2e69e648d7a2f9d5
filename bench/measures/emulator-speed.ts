import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import path from "node:path";
import { seeds } from "../../emulator";
import { signedV1 } from "../../test/emulator/signed-call";
import { type Line, median } from "../line";
import { inSlices } from "../stage";

const IMAGES = 10_000;
const TIMED = 200;
const CALLS = 5_000;
const CONNECTIONS = 8;

/** Real time, over HTTP, with signatures checked. The emulator has a process of its own. */
export async function emulatorSpeed(): Promise<Line[]> {
  const child = fork(path.join(__dirname, "..", "emulator-process.ts"), [String(IMAGES)], {
    execArgv: ["-r", path.join(__dirname, "..", "typescript.cjs")],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const [endpoint] = (await once(child, "message")) as [string];
    const query = (from: number, many: number) =>
      called(
        endpoint,
        agent,
        Array.from({ length: many }, (_, i) => `m-bench${(from + i * 97) % IMAGES}`),
      );
    await inSlices(500, CONNECTIONS, (n) => query(n, 10)); // warm
    const times: number[] = [];
    for (let n = 0; n < TIMED; n++) {
      const startMs = performance.now();
      await query(n * 41, 100);
      times.push(performance.now() - startMs);
    }
    const startMs = performance.now();
    await inSlices(CALLS, CONNECTIONS, (n) => query(n, 1));
    const seconds = (performance.now() - startMs) / 1_000;
    return [
      { what: "Emulator: DescribeImages of 100 ids among 10,000 images", unit: "ms", ours: median(times), aim: 5 },
      { what: "Emulator: calls a second", unit: "", ours: Math.round(CALLS / seconds), aim: 1_000, atLeast: true },
    ];
  } finally {
    agent.destroy();
    child.kill("SIGKILL");
  }
}

function called(endpoint: string, agent: Agent, ids: readonly string[]): Promise<void> {
  const { method, path: target } = signedV1("DescribeImages", {
    RegionId: seeds.regionId,
    ImageId: ids.join(","),
    PageSize: "100",
  });
  return new Promise((resolve, reject) => {
    const outgoing = request(endpoint, { method, path: target, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { TotalCount } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { TotalCount?: number };
        TotalCount === ids.length ? resolve() : reject(new Error(`${TotalCount} of ${ids.length} images were found`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
