import { recoverable, testedImage } from "../support/kinds";
import type { Props, ResourceName } from "../support/lab";

/** One engine operation on one resource. */
export type Step =
  | { readonly do: "up"; readonly args: Props; readonly replace?: boolean; readonly timeouts?: Record<string, string> }
  | { readonly do: "refresh" }
  | { readonly do: "destroy" };

/** How a run goes on after a kill. */
export interface Aftermath {
  readonly name: string;
  readonly steps: readonly Step[];
  /**
   * What may be in the cloud besides the state: `nothing`; what a warning `named`; or, if no call could notice it, what
   * is `findable` by its tags.
   */
  readonly leaves: "nothing" | "named" | "findable";
}

/** One operation that is killed at each of its points, and all ways to go on. */
export interface Scenario {
  readonly kind: ResourceName;
  readonly operation: string;
  /** The operations that were completed before. */
  readonly given: readonly Step[];
  readonly killed: Step;
  /** The first is what a pipeline does: the same command again. */
  readonly aftermaths: readonly Aftermath[];
}

const up = (args: Props): Step => ({ do: "up", args });
const rebuild = (args: Props): Step => ({ do: "up", args, replace: true });
const again = (step: Step): Aftermath => ({ name: "the same again", steps: [step], leaves: "nothing" });
const refreshed = (step: Step): Aftermath => ({
  name: "a refresh and the same again",
  steps: [{ do: "refresh" }, step],
  leaves: "nothing",
});
const rebuilt = (args: Props): Aftermath => ({ name: "up --replace", steps: [rebuild(args)], leaves: "nothing" });
const destroyed = (leaves: Aftermath["leaves"]): Aftermath => ({ name: "destroy", steps: [{ do: "destroy" }], leaves });
const changed = (args: Props): Aftermath => ({ name: "up of a changed program", steps: [up(args)], leaves: "named" });

/** The operations that every kind of resource supports, with arguments that matter to them. */
function scenariosOf(
  kind: ResourceName,
  variant: string,
  args: Props,
  changedInPlace: Props,
  replaced: Props,
): Scenario[] {
  const replacing = up(replaced);
  const late: Step = { do: "up", args, timeouts: { create: "10s" } };
  return [
    {
      kind,
      operation: `create${variant}`,
      given: [],
      killed: up(args),
      aftermaths: [
        again(up(args)),
        refreshed(up(args)),
        rebuilt(args),
        changed(replaced),
        changed(changedInPlace),
        destroyed("findable"),
      ],
    },
    {
      kind,
      operation: `update${variant}`,
      given: [up(args)],
      killed: up(changedInPlace),
      aftermaths: [
        again(up(changedInPlace)),
        refreshed(up(changedInPlace)),
        rebuilt(changedInPlace),
        changed(replaced),
        destroyed("nothing"),
      ],
    },
    {
      kind,
      operation: `replace${variant}`,
      given: [up(args)],
      killed: replacing,
      aftermaths: [
        again(replacing),
        refreshed(replacing),
        rebuilt(replaced),
        { ...changed(args), name: "up of the program as it was before", leaves: "findable" },
        {
          name: "a refresh and up of the program as it was before",
          steps: [{ do: "refresh" }, up(args)],
          leaves: "findable",
        },
        destroyed("findable"),
      ],
    },
    {
      kind,
      operation: `up --replace${variant}`,
      given: [up(args)],
      killed: rebuild(args),
      aftermaths: [
        again(rebuild(args)),
        refreshed(rebuild(args)),
        { name: "up without --replace", steps: [up(args)], leaves: "findable" },
        { name: "a refresh and up without --replace", steps: [{ do: "refresh" }, up(args)], leaves: "findable" },
        // A version whose delete was killed is in the cloud, and in previousVersions after the next refresh.
        { ...changed(replaced), leaves: replaced["keepVersions"] === undefined ? "named" : "findable" },
        destroyed("findable"),
      ],
    },
    {
      kind,
      operation: `destroy${variant}`,
      given: [up(args)],
      killed: { do: "destroy" },
      aftermaths: [
        again({ do: "destroy" }),
        { name: "a refresh and up", steps: [{ do: "refresh" }, up(args)], leaves: "nothing" },
        rebuilt(args),
      ],
    },
    {
      kind,
      operation: `refresh${variant}`,
      given: [up(args)],
      killed: { do: "refresh" },
      aftermaths: [
        again({ do: "refresh" }),
        { name: "up", steps: [up(args)], leaves: "nothing" },
        rebuilt(args),
        destroyed("nothing"),
      ],
    },
    {
      kind,
      operation: `destroy of what is not finished${variant}`,
      given: [late],
      killed: { do: "destroy" },
      aftermaths: [
        again({ do: "destroy" }),
        { name: "a refresh and up", steps: [{ do: "refresh" }, up(args)], leaves: "nothing" },
      ],
    },
    {
      kind,
      operation: `up of what is not finished${variant}`,
      given: [late],
      killed: up(args),
      aftermaths: [again(up(args)), refreshed(up(args)), rebuilt(args), destroyed("nothing")],
    },
  ];
}

const without = (args: Props, key: string): Props =>
  Object.fromEntries(Object.entries(args).filter(([name]) => name !== key));

/** The arguments of a kind initially, after an update in place, and after a replacement, all with the same change. */
const changing = (
  { args, changedInPlace, replaced }: (typeof recoverable)[number],
  change: (args: Props) => Props,
): [Props, Props, Props] => [change(args), change(changedInPlace), change(replaced)];

const automatic =
  (more: Props) =>
  (args: Props): Props => ({ ...without(args, "imageName"), ...more });

const variants = recoverable.flatMap((each): Parameters<typeof scenariosOf>[] => {
  const { kind, args, changedInPlace, replaced } = each;
  switch (kind) {
    case "CustomImage":
      return [
        [kind, ", name kept", args, without(changedInPlace, "deleteSnapshots"), replaced],
        [
          kind,
          ", name automatic, deleteSnapshots, forceDelete",
          ...changing(each, automatic({ deleteSnapshots: true, forceDelete: true })),
        ],
        [kind, ", tested, name kept", ...changing(testedImage, (some) => without(some, "deleteSnapshots"))],
        [kind, ", keepVersions", ...changing(each, (some) => ({ ...some, deleteSnapshots: true, keepVersions: 9 }))],
      ];
    case "ImportedImage":
      return [
        [kind, ", name kept", args, without(changedInPlace, "deleteSnapshots"), replaced],
        [
          kind,
          ", name automatic, deleteSnapshots, forceDelete",
          ...changing(each, automatic({ deleteSnapshots: true, forceDelete: true })),
        ],
      ];
    case "ImageExport":
      return [
        [kind, ", deleteObjects", args, changedInPlace, replaced],
        [kind, ", same keys", args, changedInPlace, { ...args, triggers: ["again"] }],
        [kind, ", objects kept", ...changing(each, (some) => without(some, "deleteObjects"))],
      ];
    case "ImageCopy": {
      const within = { regionId: "cn-hangzhou", encrypted: true, deleteSnapshots: true };
      return [
        [kind, ", another region, name kept", args, without(changedInPlace, "deleteSnapshots"), replaced],
        [kind, ", within a region, name automatic, deleteSnapshots", ...changing(each, automatic(within))],
      ];
    }
    default:
      return [];
  }
});

export const scenarios: readonly Scenario[] = variants.flatMap((variant) => scenariosOf(...variant));
