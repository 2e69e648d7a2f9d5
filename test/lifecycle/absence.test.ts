import { seeds } from "../../emulator";
import { FRONTS } from "../support/fronts";
import { type Lab, openLab, resource } from "../support/lab";

// Lists lag behind and have gaps. What they lack for a moment is not gone.

let lab: Lab;
afterEach(() => lab.close());

const GAP_MS = 30_000;

/** Takes something out of the cloud's answers for a while. */
function hidden(hide: () => void, show: () => void): void {
  hide();
  void lab.clock.sleep(GAP_MS).then(show);
}

describe.each(FRONTS)("what a list lacks for half a minute, %s provider", (front) => {
  beforeEach(async () => {
    lab = await openLab({}, {}, { front });
  });

  it.each([
    ["of yesterday", 86_400_000],
    ["just made", 0],
  ])("is not an image that is gone, %s", async (_age, ageMs) => {
    const image = resource(lab, "CustomImage");
    await image.up({ instanceId: seeds.instanceId });
    await lab.clock.advance(ageMs);
    const { id } = image.state!;
    const { images } = lab.emulator.world;
    const record = images.get(id)!;
    hidden(
      () => images.delete(id),
      () => images.set(id, record),
    );
    expect(await image.refresh()).toEqual({ did: "refresh" });
    expect(image.state?.id).toBe(id);
    expect(await image.up({ instanceId: seeds.instanceId })).toEqual({ did: "same" });
  });

  it.each([
    ["of yesterday", 86_400_000, GAP_MS],
    ["just made", 0, 3_600_000],
  ])("is not a sharing that has ended, %s", async (_age, ageMs, lagMs) => {
    const image = resource(lab, "CustomImage");
    await image.up({ instanceId: seeds.instanceId });
    const sharing = resource(lab, "ImageSharePermission");
    const { id } = image.state!;
    await sharing.up({ imageId: id, accountIds: ["1000000000000001"] });
    await lab.clock.advance(ageMs);
    const record = lab.emulator.world.images.get(id)!;
    const shared = record.sharedWith;
    record.sharedWith = [];
    void lab.clock.sleep(lagMs).then(() => (record.sharedWith = shared));
    await sharing.refresh();
    expect(sharing.state?.outputs["accountIds"]).toEqual(["1000000000000001"]);
    record.sharedWith = shared;
    expect(await sharing.destroy()).toEqual({ did: "delete" });
    expect(record.sharedWith).toEqual([]);
    expect(await image.destroy()).toEqual({ did: "delete" });
  });

  it("is forgotten once it stays missing", async () => {
    const image = resource(lab, "CustomImage");
    await image.up({ instanceId: seeds.instanceId });
    await lab.clock.advance(86_400_000);
    lab.emulator.world.images.delete(image.state!.id);
    expect(await image.refresh()).toEqual({ did: "refresh" });
    expect(image.state).toBeUndefined();
    expect(lab.said.shown).toContainEqual(expect.stringMatching(/is not listed.*counts as gone after 60 s more/));
    expect(lab.said.shown).toContainEqual(expect.stringMatching(/counts as gone after 5 s more/));
  });

  it("is an error, not an absence, when the timeout is over first", async () => {
    const image = resource(lab, "CustomImage");
    const args = { instanceId: seeds.instanceId, deleteSnapshots: true };
    await image.up(args, { timeouts: { delete: "20s", create: "5m" } });
    await lab.clock.advance(86_400_000);
    const { images } = lab.emulator.world;
    const { id } = image.state!;
    const record = images.get(id)!;
    images.delete(id);
    expect((await image.destroy()).error).toMatch(/has not been listed for \d+ s.*customTimeouts/);
    expect(image.state?.id).toBe(id);
    images.set(id, record);
    expect(await image.destroy()).toEqual({ did: "delete" });
  });
});
