import { Failure, isFailure, messageOf } from "../failure";
import { durableArgs, keysOf, matches } from "../fields/fields";
import type { Existing, Started } from "./lifecycle";
import { asRequested } from "./naming";
import { made, type Outcome, type Work } from "./operation";

type Made = Outcome & { is: "made" };

/** Creates a resource, or continues with what an interrupted run left. */
export async function create<Args extends object, State extends Args>(work: Work<Args, State>): Promise<Outcome> {
  const continued = await continueLeftover(work);
  if (continued) return continued;
  return withoutDuplicate(await finishCreation(await work.life.start(work.args, work.ctx), work), work);
}

/** Adopts an existing resource. Writes its tags last, so that after a failure no record allows a delete. */
export async function adopt<Args extends object, State extends Args>(
  { id, known }: Existing<State>,
  work: Work<Args, State>,
): Promise<Outcome> {
  const { life, ctx, args } = work;
  work.state = { ...(durableArgs(life.fields, args) as Partial<State>), ...life.initialState(id), ...known };
  const state = await finish(id, work);
  await life.adoptExisting?.(id, args, ctx);
  return made(work, id, state);
}

/** Waits for what was started, updates what the creating call cannot carry, and returns what to record. */
export async function finish<Args extends object, State extends Args>(
  id: string,
  work: Work<Args, State>,
): Promise<State> {
  const { life, ctx } = work;
  const { fields } = life;
  const want = asRequested(work.args, ctx.hasAutomaticName);
  const ready = await life.waitUntilReady(id, want, { ...work.state, ...durableArgs(fields, want) }, ctx);
  work.state = { ...ready, ...life.duringUpdate?.(ready, want) };
  const changed = keysOf(fields).filter((key) => fields[key].change === "update" && !matches(fields, ready, want, key));
  const updated = changed.length > 0 ? await life.updateInPlace(id, { have: ready, want, changed }, ctx) : {};
  const wanted = keysOf(fields).filter(
    (key) => fields[key].change !== "replace" && (changed.includes(key) || fields[key].change !== "update"),
  );
  const values = Object.fromEntries(wanted.map((key) => [key, want[key] ?? fields[key].default]));
  const state = { ...ready, ...values, ...updated };
  work.state = state;
  ctx.show(life.summary(state));
  return state;
}

/** Completes a creation that has an id. Fails only after everything that it made was removed. */
async function finishCreation<Args extends object, State extends Args>(
  started: Started<State>,
  work: Work<Args, State>,
): Promise<Made> {
  const { life, session, ctx, args } = work;
  const { id } = started;
  work.id = id;
  work.state = {
    ...durableArgs(life.fields, args),
    regionId: ctx.regionId,
    ...life.initialState(id),
    ...started.known,
  } as Partial<State>;
  try {
    const state = await finish(id, work);
    if (!ctx.pending.isTakenOver(id)) {
      work.tookMs = ctx.clock.now() - Date.parse(ctx.since);
      session.durations.note(ctx.urn, work.tookMs);
    }
    return made(work, id, state);
  } catch (error) {
    if (!isFailure(error, "Failed") || ctx.signal.aborted) throw error;
    work.failed = true; // recorded if the removal is cut short: then the next run must not wait for it
    try {
      await (life.discard ?? life.remove)(id, work.state, ctx);
    } catch (kept) {
      throw new Failure("Failed", `${messageOf(error)}; what is left could not be removed: ${messageOf(kept)}`);
    }
    ctx.pending.removed(id);
    delete work.id;
    delete work.failed;
    await started.undo?.();
    throw error;
  }
}

/** Takes over what an interrupted run left. Undefined if there is nothing, or if it turns out to have failed. */
async function continueLeftover<Args extends object, State extends Args>(
  work: Work<Args, State>,
): Promise<Made | undefined> {
  const id = await work.life.findLeftover(work.args, work.ctx);
  if (id === undefined) return undefined;
  try {
    return await finishCreation({ id, undo: async () => work.life.undoRoom?.(work.args, work.ctx) }, work);
  } catch (error) {
    const isRemoved = isFailure(error, "Failed") && work.id === undefined;
    if (isRemoved && !error.detail.verdict) return undefined; // start again
    throw error;
  }
}

/** If one creation has made two resources, keeps the older one. This run has not returned the younger one yet. */
async function withoutDuplicate<Args extends object, State extends Args>(
  younger: Made,
  work: Work<Args, State>,
): Promise<Made> {
  const { life, ctx, args } = work;
  const older = await life.findDuplicate?.(younger.id, args, ctx).catch(() => undefined); // only a second check
  if (older === undefined) return younger;
  const kept = await finishCreation({ id: older }, { ...work }).catch((error: unknown) => {
    if (!ctx.pending.isRemoved(older))
      ctx.warn(
        `an interrupted run of this resource left ${older}, which cannot be taken over: ${messageOf(error)}. ` +
          "Delete it if you do not need it: npx pulumi-alicloud-image orphans",
      );
  });
  if (!kept) return younger;
  ctx.pending.removed(younger.id);
  await (life.discard ?? life.remove)(younger.id, work.state, ctx).catch((error: unknown) =>
    ctx.warn(`${younger.id} is a duplicate of ${older} and could not be removed: ${messageOf(error)}`),
  );
  return kept;
}
