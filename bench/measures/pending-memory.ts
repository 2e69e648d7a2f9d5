import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmulator } from "../../emulator";
import { isRead } from "../../emulator/request/action";
import type { Side } from "../inputs";
import { type Line, median } from "../line";

const ROUNDS = 3;
/**
 * When to ask for the memory. The first time is after 60 s, because the timers of the HTTP client hold what a creating
 * call leaves behind for that long.
 */
const ASKED_AFTER_MS = [65_000, 8_000, 8_000];

/**
 * Real processes and real time: how much more memory a thousand pending images take than one, after garbage collection.
 */
export async function pendingMemory(): Promise<Line[]> {
  const rounds: Record<Side, Memory>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [many, one, plainMany, plainOne] = await Promise.all([
      held("ours", 1_000),
      held("ours", 1),
      held("plain", 1_000),
      held("plain", 1),
    ]);
    rounds.push({
      ours: { rss: many.rss - one.rss, heapUsed: many.heapUsed - one.heapUsed },
      plain: { rss: plainMany.rss - plainOne.rss, heapUsed: plainMany.heapUsed - plainOne.heapUsed },
    });
  }
  const more = (side: Side, of: keyof Memory) => median(rounds.map((round) => round[side][of])) / 1e6;
  return [
    {
      what: "Provider process with 1,000 pending images: memory over one with one",
      unit: "MB",
      ours: more("ours", "rss"),
      plain: more("plain", "rss"),
      aim: 30,
    },
    { what: "... of it in use", unit: "MB", ours: more("ours", "heapUsed"), plain: more("plain", "heapUsed") },
  ];
}

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

async function held(side: Side, count: number): Promise<Memory> {
  const emulator = await startEmulator({ durations: { createMs: 3_600_000 } });
  const child: ChildProcess = fork(
    path.join(__dirname, "..", "pending-process.ts"),
    [side, emulator.endpoint, String(count)],
    {
      execArgv: ["--expose-gc", "-r", path.join(__dirname, "..", "typescript.cjs")],
    },
  );
  try {
    while (emulator.calls.filter(({ action }) => action === "CreateImage").length < count) await sleep(200);
    let memory: Memory = { rss: 0, heapUsed: 0 };
    for (const ms of ASKED_AFTER_MS) {
      await sleep(ms);
      child.send("how much?");
      [memory] = (await once(child, "message")) as [Memory];
    }
    if (!emulator.calls.some(({ action }) => isRead(action))) throw new Error("no image was queried");
    return memory;
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
    await emulator.close();
  }
}
