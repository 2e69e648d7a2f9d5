import { recordFor } from "./recording";
import { markSnapshots } from "./run-snapshots";
import { goldenOf, output, type Scene, tagsOf } from "./scene";
import type { Stage } from "./stage";

const SHARED = "share with an account";

/**
 * What another account sees of an image that is shared with it, what it can do with the image, and that this ends with
 * the share.
 */
export const secondAccountScenes: readonly Scene[] = [
  {
    name: SHARED,
    needs: ["secondProfile"],
    after: "create",
    declares: ({ place: { given } }) => ({
      shared: { type: "ImageSharePermission", args: { imageId: { idOf: "golden" }, accountIds: [given.accountId] } },
    }),
    async does(stage) {
      await stage.up();
      const guest = await lookingGuest(stage);
      await guest.up();
      const found = output((await guest.state())["stack"], "found");
      const { id } = goldenOf(await stage.state());
      if (found !== id) throw new Error(`the other account finds ${String(found)} and not ${id}`);
    },
  },
  {
    name: "copy of a shared image",
    after: SHARED,
    async does(stage) {
      const { id } = goldenOf(await stage.state());
      const guest = await stage.guest();
      const imageName = stage.resourceName("guest");
      const args = { sourceImageId: id, imageName, tags: tagsOf(stage), deleteSnapshots: true };
      guest.declared.set("copy", { type: "ImageCopy", args });
      try {
        await guest.up();
      } finally {
        guest.declared.clear();
        await markAsTheRuns(guest, stage);
      }
      const { copy } = await guest.state();
      if (output(copy, "status") !== "Available") throw new Error("does not hold: the copy is Available");
      await guest.up();
    },
  },
  {
    name: "end of a share",
    after: SHARED,
    async does(stage) {
      stage.declared.delete("shared");
      await stage.up();
      const said = await (await lookingGuest(stage)).refusedUp();
      if (!/no image/i.test(said)) throw new Error(said);
    },
  },
];

/**
 * Tags the copy's snapshots as the run's, because nothing shows whose they are once the next update has deleted the
 * copy.
 */
async function markAsTheRuns(guest: Stage, stage: Stage): Promise<void> {
  recordFor(guest.place);
  try {
    await markSnapshots(guest.place);
  } finally {
    recordFor(stage.place);
  }
}

/** The other account's stack. Its program looks up the image by its name among this account's images. */
async function lookingGuest(stage: Stage): Promise<Stage> {
  const guest = await stage.guest();
  const imageName = stage.resourceName("golden");
  guest.lookUp = { imageName, owners: ["others"], ownerIds: [stage.place.account!] };
  return guest;
}
