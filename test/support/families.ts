import type { World } from "../../emulator";
import { invocationState } from "../../emulator/resources/invocations";

/**
 * Records at each look which images are in a family although no command has succeeded in an instance of them. Images
 * that are in one at the first look were made by an earlier run and do not count.
 */
export function familyWatch() {
  let given: ReadonlySet<string> | undefined;
  /** The image of each instance, including deleted ones. */
  const imageOf = new Map<string, string>();
  const early = new Set<string>();
  return {
    look({ images, instances, invocations }: World, nowMs: number): void {
      for (const { instanceId, imageId } of instances.values()) imageOf.set(instanceId, imageId);
      const passed = new Set(
        [...invocations.values()]
          .filter((invocation) => invocationState(invocation, nowMs).status === "Success")
          .map(({ instanceId }) => imageOf.get(instanceId)),
      );
      const inFamily = [...images.values()]
        .filter(({ imageFamily }) => imageFamily !== "")
        .map(({ imageId }) => imageId);
      given ??= new Set(inFamily);
      for (const id of inFamily) if (!given.has(id) && !passed.has(id)) early.add(id);
    },
    /** One sentence for each such image. */
    get complaints(): string[] {
      return [...early].map((id) => `${id} was in a family without a passed test`);
    },
  };
}
