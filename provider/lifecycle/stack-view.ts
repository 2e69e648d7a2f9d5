import type { Lineage } from "./lineage";
import { urnParts } from "./ownership";
import type { Props } from "./record";

/** What this run was shown of the record of a resource. */
export interface Current {
  readonly id: string;
  readonly regionId: string | undefined;
  /** It is recorded as ready; what is not was never in use. */
  readonly isReady: boolean;
  readonly state: Props;
}

export interface Declared {
  readonly inputs: Props;
  readonly lineage: Lineage | undefined;
  /**
   * False if the engine has only asked for the difference. It deletes a resource early if the source of the resource is
   * deleted before its replacement, and does not know yet whether the program still declares the resource.
   */
  readonly isCertain: boolean;
}

/** What `Read` has read that a resource may adopt. */
interface Looked {
  readonly given: string;
  readonly inputs: Props;
}

/**
 * What one run has learned of its stack: of the state by the records that the engine passes, of the program by its
 * checks.
 */
export class StackView {
  /** The engine has checked what a program declares, so this run is not a `pulumi destroy`. */
  hasProgram = false;
  /** The ids that the engine passed as recorded, each with its creation ids. */
  private readonly records = new Map<string, Set<string>>();
  private readonly currents = new Map<string, Current>();
  private readonly wanted = new Map<string, Props>();
  private readonly comparisons = new Map<string, Props>();
  private readonly lineages = new Map<string, Lineage>();
  /** The present URN of each lineage. */
  private readonly urns = new Map<string, string>();
  private readonly newest = new Map<string, { readonly since: string; readonly state: Props }>();
  private readonly adopting = new Map<string, string>();
  private readonly looked = new Map<string, Looked>();

  /** The engine passed this resource's record: the state holds it. */
  noteRecord(id: string, creationId: string): void {
    this.records.set(id, (this.records.get(id) ?? new Set()).add(creationId));
  }

  isShown(id: string): boolean {
    return this.records.has(id);
  }

  /** The state holds it in the record with this creation id. */
  isShownAs(id: string, creationId: string): boolean {
    return this.records.get(id)?.has(creationId) ?? false;
  }

  /** The state holds this id in more records than the one with this creation id. */
  isShownBeside(id: string, creationId: string): boolean {
    return [...(this.records.get(id) ?? [])].some((other) => other !== creationId);
  }

  /** The record with this id is, or becomes, the resource's present one. */
  setCurrent(urn: string, present: Current): void {
    this.currents.set(urn, present);
  }

  /** The record of the resource that this run was shown last; a check without old inputs is one of its replacement. */
  current(urn: string): Current | undefined {
    return this.currents.get(urn);
  }

  /** The program declares this resource with these inputs. */
  noteInputs(urn: string, inputs: Props): void {
    this.wanted.set(urn, inputs);
  }

  /** The inputs of every resource that the program declares, as far as the engine has asked for it in this run. */
  wantedInputs(): Iterable<Props> {
    return this.wanted.values();
  }

  /** The engine asked what differs between the record of this resource and these inputs. */
  noteComparison(urn: string, inputs: Props): void {
    this.comparisons.set(urn, inputs);
  }

  /**
   * What the program declares of the resource, by its lineage, or by its URN where a targeted replacement began a
   * lineage of its own. Undefined in a `pulumi destroy`, and for what is no longer in the program.
   */
  declared(urn: string, lineage: Lineage | undefined): Declared | undefined {
    const name = this.urns.get(lineage?.id ?? "") ?? urn;
    const inputs = this.wanted.get(name) ?? this.comparisons.get(name);
    return inputs && { inputs, lineage: this.lineages.get(name), isCertain: this.wanted.has(name) };
  }

  setLineage(urn: string, lineage: Lineage): void {
    this.lineages.set(urn, lineage);
    this.urns.set(lineage.id, urn);
  }

  /** The lineage of the resource with this URN, as far as this run has learned it. */
  lineageOf(urn: string): Lineage | undefined {
    return this.lineages.get(urn);
  }

  /** A record that is deleted, and the newest of those of its lineage that this run was asked to delete. */
  newestOf(lineage: Lineage | undefined, since: string | undefined, state: Props): Props {
    const known = this.newest.get(lineage?.id ?? "");
    if (!lineage || (known && known.since > (since ?? ""))) return known?.state ?? state;
    this.newest.set(lineage.id, { since: since ?? "", state });
    return state;
  }

  /** The resource adopts this id, as far as this run knows. */
  noteAdoption(urn: string, id: string): void {
    this.adopting.set(urn, id);
  }

  /** Another resource that has this id in this run, by its name; undefined when there is none. */
  holderBeside(urn: string, id: string): string | undefined {
    const held = [...[...this.currents].map(([other, present]) => [other, present.id] as const), ...this.adopting];
    const [holder] = held.find(([other, one]) => one === id && other !== urn) ?? [];
    return holder === undefined ? undefined : urnParts(holder).name;
  }

  /**
   * `Read` has read what this resource may adopt; asked again at its check, which follows at once unless it was a
   * `get`.
   */
  noteLook(urn: string, given: string, inputs: Props): void {
    this.looked.set(urn, { given, inputs });
  }

  lookedAt(urn: string): Looked | undefined {
    return this.looked.get(urn);
  }
}
