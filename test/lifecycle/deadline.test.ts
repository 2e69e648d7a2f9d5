import { manualClock } from "../../emulator/clock";
import type { Context } from "../../provider/lifecycle/context";
import { withinTime } from "../../provider/lifecycle/deadline";
import { cancellation } from "../../provider/wait/abort";

it("an operation that is a minute late has timed out, and was not cancelled by anybody", async () => {
  const clock = manualClock();
  const abort = new AbortController();
  const doing = "deleting image m-1";
  const work = new Promise<never>((_, reject) =>
    abort.signal.addEventListener("abort", () => reject(cancellation(abort.signal, doing))),
  );
  const ended = withinTime(work, doing, { clock, deadlineMs: clock.now() + 1_000 } as unknown as Context, abort);
  ended.catch(() => undefined);
  await clock.advance(62_000);
  await expect(ended).rejects.toMatchObject({
    kind: "TimedOut",
    message: `${doing}: it did not end within its timeout`,
  });
});
