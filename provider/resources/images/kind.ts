// What differs between the kinds of image.

import type { ImageRow } from "../../ecs/actions";
import type { ArgsRule } from "../../fields/check";
import type { Fields } from "../../fields/fields";
import type { Context } from "../../lifecycle/context";
import type { Lifecycle, Phase, Started } from "../../lifecycle/lifecycle";
import { type Owner, ownerOf } from "../../lifecycle/ownership";
import { type Complete, compact, type ImageArgs, type ImageOutputs } from "./args";
import { imagePhase, notePending } from "./state";

/** The parameters that every creating call takes. */
export interface CreationParameters {
  readonly ImageName: string;
  readonly Tag: { Key: string; Value: string }[];
  /**
   * A repeated call with the same token returns the same image and creates nothing. Left out if the call creates
   * nothing.
   */
  readonly ClientToken?: string;
}

/** The program's tags in a fixed order, because ECS compares a repeated call with the first one. */
export const tagParameters = (tags: Readonly<Record<string, string>> = {}): CreationParameters["Tag"] =>
  Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));

/** Depends only on the creation, so that a later run can ask ECS again what this call has made. */
export const clientToken = (creationId: string, attempt: number): string => `${creationId}-${attempt}`;

/**
 * Whether an image has the requested source, judged by what the cloud itself shows. What cannot be compared does not
 * agree.
 */
export type Agrees = (row: ImageRow) => boolean | Promise<boolean>;

type OwnState = Omit<ImageOutputs, "osType">;

/** What is known about an image of any kind. */
export type ImageState = ImageArgs & OwnState;

/** What differs between the kinds of image. The rest of the lifecycle is the same for all. */
export interface ImageKind<Args extends ImageArgs = ImageArgs, State extends Args & OwnState = Args & OwnState> {
  readonly type: string;
  readonly fields: Fields<Args>;
  readonly argsRules: readonly ArgsRule<Args>[];
  readonly defaultTimeoutMs: number;
  /** The statuses that never become Available. */
  readonly failedStatuses: readonly string[];
  describe(args: Partial<Args>): string;
  /** Sends the creating call. */
  send(args: Args, parameters: CreationParameters, ctx: Context): Promise<Started<State>>;
  /** Whether an image has the source that the arguments ask for, judged by what the cloud shows. */
  agrees(args: Args, ctx: Context): Agrees;
  stateOf(row: ImageRow, known: Partial<State>, ctx: Context): Complete<State>;
  /** Waits until the image is ready. Default: by the image alone. May return more of the state. */
  wait?(id: string, have: Partial<State>, ctx: Context, args: Args): Promise<{ row: ImageRow; known?: Partial<State> }>;
  /** Cancels a creation in progress, before the image is deleted. Succeeds if it has ended already. */
  cancelCreating?(id: string, ctx: Context): Promise<void>;
  /**
   * Ends what keeps the image from being deleted, according to the cloud's error. Returns whether there was something.
   */
  stopCreating?(id: string, have: Partial<State>, error: unknown, ctx: Context): Promise<boolean>;
  /** What the cloud shows of arguments that are not read otherwise, to compare them with an image that is adopted. */
  shownOf?(row: ImageRow, args: Partial<Args>): { readonly [Key in keyof Args]?: Args[Key] | undefined };
  /** Why an image is of another kind and cannot be adopted as this one. */
  isAnotherKind?(row: ImageRow): string | undefined;
  readonly inspect?: Lifecycle<Args, State>["inspect"];
  /** Sends the creating call so that the cloud only checks it. */
  dryRun?(args: Args, parameters: CreationParameters, ctx: Context): Promise<unknown>;
}

/** The recorded status of an image that is gone while snapshots of it still exist. It is not a status of ECS. */
export const DELETED = "Deleted";

/** `image "golden"`, or `image` without a name: the start of `describe`. */
export const withName = (noun: string, { imageName }: Pick<ImageArgs, "imageName">): string =>
  imageName === undefined ? noun : `${noun} ${JSON.stringify(imageName)}`;

/** The owner of an image that the resource creates from these arguments. */
export const ownerFor = <Args>(
  { fields }: { readonly fields: Fields<Args> },
  args: Partial<Args>,
  ctx: Context,
): Owner => ownerOf(ctx.urn, fields, args, ctx.lineage?.id);

export const phaseOf = ({ failedStatuses }: ImageKind, have: Partial<ImageState>): Phase =>
  imagePhase(have, [...failedStatuses, DELETED]);

/** The state of an image according to its row. A pending tag is noted, so that it is updated at the orderly end. */
export function stateOf(kind: ImageKind, row: ImageRow, known: Partial<ImageState>, ctx: Context): ImageState {
  notePending(row, ownerFor(kind, known, ctx), ctx);
  return compact(kind.stateOf(row, known, ctx)) as ImageState;
}
