import type { World } from "../../emulator";
import { invocationState } from "../../emulator/resources/invocations";

/**
 * Notes, whenever it looks, which images are in a family before a command has succeeded in an instance of them. What is
 * in one when it looks first was made by a run that is over.
 */
export function familyWatch() {
  let given: ReadonlySet<string> | undefined;
  /** Of each instance, also of those that are gone, the image. */
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
    /** Sentences. */
    get complaints(): string[] {
      return [...early].map((id) => `${id} was in a family without a passed test`);
    },
  };
}
