import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmulator } from "../../emulator";
import { type Line, median } from "../line";
import { type Side, isLook } from "../stage";

const ROUNDS = 3;
/** Long enough for every image to have been looked at some times. */
const SETTLING_MS = 15_000;

/** Real processes and real seconds: how much more memory a thousand pending images take than one. */
export async function pendingMemory(): Promise<Line[]> {
  const more = async (side: Side) => {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push((await held(side, 1_000)) - (await held(side, 1)));
    return median(rounds) / 1e6;
  };
  return [{ what: "Provider process with 1,000 pending images: memory over one with one", unit: "MB", ours: await more("ours"), plain: await more("plain"), aim: 30 }];
}

async function held(side: Side, count: number): Promise<number> {
  const emulator = await startEmulator({ durations: { createMs: 3_600_000 } });
  const child: ChildProcess = fork(path.join(__dirname, "..", "pending-process.ts"), [side, emulator.endpoint, String(count)], {
    execArgv: ["--expose-gc", "-r", path.join(__dirname, "..", "typescript.cjs")],
  });
  try {
    while (emulator.calls.filter(({ action }) => action === "CreateImage").length < count) await sleep(200);
    await sleep(SETTLING_MS);
    if (!emulator.calls.some(({ action }) => isLook(action))) throw new Error("nothing has been looked at");
    child.send("how much?");
    const [rss] = (await once(child, "message")) as [number];
    return rss;
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
    await emulator.close();
  }
}
