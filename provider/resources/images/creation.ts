import { isFailure } from "../../failure";
import { requestOf } from "../../fields/fields";
import { automaticName } from "../../fields/name";
import type { Context } from "../../lifecycle/context";
import type { Started } from "../../lifecycle/lifecycle";
import { creationTags, urnParts } from "../../lifecycle/ownership";
import type { ImageArgs } from "./args";
import { type CreationParameters, clientToken, type ImageKind, type ImageState, ownerFor, tagParameters } from "./kind";
import { startNamed } from "./name";
import { findLeftover } from "./recovery";

/** The parameters of every call that creates an image. */
export const creationParameters = (kind: ImageKind, args: ImageArgs, ctx: Context): CreationParameters => ({
  ...requestOf(kind.fields, args),
  ImageName: args.imageName ?? automaticName(urnParts(ctx.urn).name, ctx.suffix()),
  Tag: [...tagParameters(args.tags), ...creationTags(ownerFor(kind, args, ctx), ctx.creationId)],
});

/** Sends the one call that creates the image, with its name. */
export function startImage(kind: ImageKind, args: ImageArgs, ctx: Context): Promise<Started<ImageState>> {
  const owner = ownerFor(kind, args, ctx);
  const agrees = kind.agrees(args, ctx);
  const wanted = { imageName: args.imageName, owner, failed: kind.failedStatuses, agrees };
  const own = () => findLeftover({ fields: kind.fields, args, agrees }, ctx, "now");
  let attempt = 0;
  return startNamed(wanted, ctx, () =>
    onceImported(own, ctx, async () => {
      const ClientToken = clientToken(ctx.creationId, ++attempt);
      const started = await kind.send(args, { ...creationParameters(kind, args, ctx), ClientToken }, ctx);
      ctx.pending.made(started.id, owner, ctx.creationId);
      return started;
    }),
  );
}

const IMPORTING_PAUSE_MS = 15_000;

/**
 * If ECS refuses an import because the file is already being imported, the running import may belong to this creation,
 * in a run that was killed. Then it is taken over.
 */
async function onceImported(
  own: () => Promise<string | undefined>,
  ctx: Context,
  send: () => Promise<Started<ImageState>>,
): Promise<Started<ImageState>> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isFailure(error) || error.detail.code !== "ImageIsImporting") throw error;
      const id = await own();
      if (id !== undefined) return { id };
      if (ctx.clock.now() + IMPORTING_PAUSE_MS > ctx.deadlineMs) throw error;
      ctx.show("waiting: the file is being imported already");
      await ctx.pause(IMPORTING_PAUSE_MS);
    }
  }
}
