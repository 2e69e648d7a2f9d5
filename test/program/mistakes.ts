import { CustomImage, type CustomImageArgs, GoldenImage } from "../../provider";

// Compiled by types.test.ts and by `npm run typecheck`, and never run. A line after an expected error that compiles is
// an error.

export function programs() {
  const image = new CustomImage("a", { instanceId: "i-1", imageFamily: "web" });
  const args: CustomImageArgs = { snapshotId: image.id, tags: { team: "web" } };
  new CustomImage("b", args, { dependsOn: image });

  // @ts-expect-error a source is missing
  new CustomImage("c", { imageFamily: "web" });
  // @ts-expect-error two sources
  new CustomImage("d", { instanceId: "i-1", snapshotId: "s-1" });
  // @ts-expect-error a misspelled mode
  new CustomImage("e", { instanceId: "i-1", bootMode: "Uefi" });
  // @ts-expect-error two sources
  new GoldenImage("f", { source: { instanceId: "i-1", snapshotId: "s-1" } });
  // @ts-expect-error an argument of files
  new GoldenImage("g", { source: { instanceId: "i-1", trackSource: true } });

  return image.status.apply((status) => {
    const known: "Available" | (string & {}) = status;
    return status === "Available" ? known : "";
  });
}
