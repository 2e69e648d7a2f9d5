import { ownImages } from "../lists";
import { output, type Scene, sourceIn, tagsOf } from "./scene";
import type { Declared, Stage } from "./stage";

const familyOf = (stage: Stage): string => stage.resourceName("family");

/** `command` is valid for a shell and for PowerShell. */
const tested = (stage: Stage, command: string, more: object = {}): Record<string, Declared> => {
  const { vSwitchId, securityGroupId } = stage.place.given;
  const test = { command, vSwitchId, securityGroupId };
  const args = { ...sourceIn(stage), imageFamily: familyOf(stage), tags: tagsOf(stage), deleteSnapshots: true, test };
  return { tested: { type: "CustomImage", args: { ...args, ...more } } };
};

/** An image must pass its test in an instance before it gets its family. One that fails never gets it. */
export const testScenes: readonly Scene[] = [
  {
    name: "test",
    needs: ["vSwitchId", "securityGroupId"],
    declares: (stage) => tested(stage, "exit 0"),
    holds: ({ tested }, _before, stage) => [
      ["the image is Available", output(tested, "status") === "Available"],
      ["its command has succeeded", (output(tested, "testResult") as { exitCode?: number })?.exitCode === 0],
      ["it has its family", output(tested, "imageFamily") === familyOf(stage)],
    ],
  },
  {
    name: "failing test",
    after: "test",
    isBrief: true,
    declares: (stage) => tested(stage, "exit 3", { triggers: [1] }),
    async does(stage) {
      const startedAt = new Date().toISOString();
      const refused = await stage.refusedUp();
      if (!/failed its test .*exit code 3/.test(refused)) throw new Error(refused);
      const given = stage.recorded().filter(({ at, params }) => at >= startedAt && "ImageFamily" in params);
      const early = given.filter(({ action }) => action === "CreateImage" || action === "ModifyImageAttribute");
      if (early.length > 0) throw new Error("the image that failed had the family for a while");
      const inFamily = await imagesOf(familyOf(stage), stage);
      const { tested } = await stage.state();
      if (inFamily.join() !== tested?.id) throw new Error(`the family has ${inFamily.join(", ") || "no image"}`);
    },
    holds: (now, before) => [["the image that had passed stays", now["tested"]?.id === before["tested"]?.id]],
  },
];

async function imagesOf(ImageFamily: string, { place }: Stage): Promise<string[]> {
  const rows = await ownImages({ ImageFamily }, place.context("looking at a family"));
  return rows.map(({ ImageId }) => ImageId!);
}
