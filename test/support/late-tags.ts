import type { Call } from "../../emulator";
import type { Lab } from "./lab";

type Tags = ReadonlyMap<string, ReadonlyMap<string, string>>;
type Asked = Pick<Call, "action" | "params">;

/** From now on lists of images and snapshots show and find their tags as they were some time ago. */
export function lateTags(lab: Lab, lagMs: number, isLate: (call: Asked) => boolean = () => true): void {
  const { world } = lab.emulator;
  const tagged = () => new Map<string, { tags: Map<string, string> }>([...world.images, ...world.snapshots]);
  const now = (): Tags => new Map([...tagged()].map(([id, { tags }]) => [id, new Map(tags)]));
  const show = (tags: Tags) => {
    for (const [id, one] of tagged()) one.tags = new Map(tags.get(id) ?? one.tags);
  };
  const past: { readonly atMs: number; readonly tags: Tags }[] = [{ atMs: lab.clock.now(), tags: now() }];
  let present: Tags | undefined;
  lab.emulator.intercept = ({ action, params }, phase) => {
    const nowMs = lab.clock.now();
    if (phase === "after") {
      if (present) show(present);
      present = undefined;
      past.push({ atMs: nowMs, tags: now() });
    } else if (/^Describe(Images|Snapshots)$/.test(action) && isLate({ action, params })) {
      present = now();
      show(past.findLast(({ atMs }) => atMs <= nowMs - lagMs)?.tags ?? new Map());
    }
    return undefined;
  };
}
