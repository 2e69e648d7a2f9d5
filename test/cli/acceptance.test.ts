import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { acceptance } from "../../cli/acceptance/acceptance";
import { changesBetween, removalOf } from "../../cli/acceptance/belongings";
import { RUN_TAG } from "../../cli/acceptance/scene";
import { seeds } from "../../emulator";
import { type Lab, openLab } from "../support/lab";
import { callCommand } from "./terminal";

// What an acceptance run may delete. test/engine/acceptance.test.ts plays whole runs.

const RUN = "mx1dr6cv20b2";
let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const call = (...args: string[]) => callCommand(acceptance, lab, args);

/** An image of the run, made of the user's snapshot a minute ago, with a snapshot that it has made itself. */
function leaveImage(imageId: string, run: string) {
  const { images, snapshots } = lab.emulator.world;
  const image = structuredClone(images.get(seeds.publicImageId)!);
  const source = snapshots.get(seeds.systemSnapshotId)!;
  const made = { ...structuredClone(source), snapshotId: `s-of-${imageId}`, createdMs: lab.clock.now() };
  snapshots.set(made.snapshotId, made);
  const [disk] = image.diskMappings;
  images.set(imageId, {
    ...{ ...image, imageId, owner: "self", ownerId: lab.emulator.world.account.accountId, isPublic: false },
    createdMs: lab.clock.now(),
    tags: new Map([[RUN_TAG, run]]),
    diskMappings: [
      { ...disk!, snapshotId: seeds.systemSnapshotId },
      { ...disk!, type: "data", device: "/dev/xvdb", snapshotId: made.snapshotId },
    ],
  });
}
const held = () => {
  const { images, snapshots } = lab.emulator.world;
  return structuredClone({ images, snapshots });
};

test("a clean-up deletes the run's images and what they have made, and none of their sources", async () => {
  leaveImage("m-of-another-run", "mx1dr6cvffff");
  await lab.clock.advance(60_000);
  const before = held();
  leaveImage("m-of-the-run", RUN);
  expect(await call("--clean-up", "--run", RUN)).toMatchObject({ code: 0 });
  expect(held()).toEqual(before);
});

test.each(["a/b", "run-1", "MX1DR6CV20B2"])("no run is named %j, and nothing is deleted for it", async (run) => {
  leaveImage("m-of-another-run", "");
  const before = held();
  const { code, said } = await call("--clean-up", "--run", run);
  expect([code, said]).toEqual([2, expect.stringContaining("--run takes the id")]);
  expect(held()).toEqual(before);
  expect(lab.emulator.calls).toEqual([]);
});

test("it reports what is new, changed or gone, each with a command that removes it", () => {
  const one = { kind: "image", id: "m-1", regionId: "cn-hangzhou", content: "a", isOurs: true } as const;
  const [changed, gone, added] = [
    { ...one, id: "m-2" },
    { ...one, id: "m-3" },
    { ...one, id: "m-4", profile: "other" },
  ];
  const found = changesBetween([one, changed, gone], [one, { ...changed, content: "b" }, added]);
  expect(found.map(({ id, is }) => [id, is])).toEqual([
    ["m-2", "changed"],
    ["m-4", "new"],
    ["m-3", "gone"],
  ]);
  expect(found.map(removalOf)).toEqual([
    "",
    "aliyun ecs DeleteImage --ImageId m-4 --RegionId cn-hangzhou --profile other",
    "",
  ]);
});

test("a second profile of the same account is refused before anything is created", async () => {
  const home = mkdtempSync(path.join(tmpdir(), "acceptance-"));
  const env = { HOME: home, ALICLOUD_ACCESS_KEY: "emulator-key", ALICLOUD_SECRET_KEY: "emulator-secret" };
  mkdirSync(path.join(home, ".aliyun"));
  const same = { name: "same", mode: "AK", access_key_id: "emulator-key", access_key_secret: "emulator-secret" };
  writeFileSync(path.join(home, ".aliyun/config.json"), JSON.stringify({ current: "same", profiles: [same] }));
  const args = ["--snapshot-id", seeds.systemSnapshotId, "--yes", "--second-profile", "same"];
  const { code, said } = await callCommand(acceptance, lab, args, { env });
  expect([code, said]).toEqual([2, expect.stringContaining("must be of another account")]);
  expect(lab.emulator.calls.map(({ action }) => action)).toEqual(["GetCallerIdentity", "GetCallerIdentity"]);
});
