import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../emulator";
import type { Action } from "../../provider/ecs/actions";
import { openEcs } from "../../provider/ecs/client";
import { isFailure } from "../../provider/failure";
import { compare } from "../../recording/comparison/compare";
import { recordingIn } from "../../recording/exchange";
import { serveRecording } from "../../recording/replay";

/** Each folder is a recording, with the differences from the emulator that are known beside it, by their reason. */
const root = path.join(__dirname, "../recordings");
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const knownIn = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, "known-differences.json"), "utf8")) as Record<string, string[]>;

describe.each(folders.map(({ name }) => name))("the recording %s", (name) => {
  const folder = path.join(root, name);

  test("differs from the emulator only in known ways", async () => {
    const found = (await compare(folder)).map(({ action, about }) => `${action}: ${about}`);
    expect(new Set(found)).toEqual(new Set(Object.values(knownIn(folder)).flat()));
  });

  test("has no answer that the client does not understand", async () => {
    const findings = await compare(folder);
    expect(findings.filter(({ about }) => about === "the answer")).toEqual([]);
  });

  test("is served instead of the cloud, and the client understands each answer", async () => {
    for (const call of recordingIn(folder).filter(({ status }) => status === 200)) {
      const replay = await serveRecording([call]);
      const credentials = { get: async () => ({ accessKeyId: "a", accessKeySecret: "b" }), renew: () => undefined };
      const options = { regionId: call.params["RegionId"]!, endpoint: replay.endpoint, protocol: "HTTPS" } as const;
      const ecs = openEcs({ ...options, credentials, clock: systemClock });
      const bound = ecs({ doing: "testing", deadlineMs: Date.now() + 1_000 });
      const outcome = await bound(call.action as Action, call.params as never).catch((error: unknown) => error);
      await replay.close();
      expect([call.action, isFailure(outcome)]).toEqual([call.action, false]);
      expect(replay.unanswered).toEqual([]);
    }
  });
});
