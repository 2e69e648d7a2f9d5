import type { Lineage } from "./lineage";
import { type Owner, resourceOf, urnParts } from "./ownership";
import type { Props } from "./record";

/** What this run has seen of a resource's record. */
export interface Current {
  readonly id: string;
  readonly regionId: string | undefined;
  /** Whether it is recorded as ready. What is not ready was never in use. */
  readonly isReady: boolean;
  readonly state: Props;
}

export interface Declared {
  readonly inputs: Props;
  readonly lineage: Lineage | undefined;
  /**
   * False if the engine has only asked for the difference. If it deletes a resource early, because the resource's
   * source is deleted before its replacement, it does not know yet whether the program still declares the resource.
   */
  readonly isCertain: boolean;
}

/** What `Read` has read and a resource may adopt. */
interface Looked {
  readonly given: string;
  readonly inputs: Props;
}

/**
 * What one run has learned about its stack: about the state from the records that the engine passes, and about the
 * program from its checks.
 */
export class StackView {
  /** True once the engine has checked what a program declares. Then this run is not a `pulumi destroy`. */
  hasProgram = false;
  /** The ids in the records that the engine passed, each with its creation ids. */
  private readonly records = new Map<string, Set<string>>();
  private readonly currents = new Map<string, Current>();
  private readonly wanted = new Map<string, Props>();
  private readonly comparisons = new Map<string, Props>();
  private readonly lineages = new Map<string, Lineage>();
  /** The current URN of each lineage. */
  private readonly urns = new Map<string, string>();
  private readonly newest = new Map<string, { readonly since: string; readonly state: Props }>();
  private readonly adopting = new Map<string, string>();
  private readonly looked = new Map<string, Looked>();

  /** Notes that the engine passed this record: the state has it. */
  noteRecord(id: string, creationId: string): void {
    this.records.set(id, (this.records.get(id) ?? new Set()).add(creationId));
  }

  isShown(id: string): boolean {
    return this.records.has(id);
  }

  /** Whether the state has it in the record with this creation id. */
  isShownAs(id: string, creationId: string): boolean {
    return this.records.get(id)?.has(creationId) ?? false;
  }

  /** Whether the state has this id in another record than the one with this creation id. */
  isShownBeside(id: string, creationId: string): boolean {
    return [...(this.records.get(id) ?? [])].some((other) => other !== creationId);
  }

  /** Notes the current record of the resource, or the one that becomes current. */
  setCurrent(urn: string, present: Current): void {
    this.currents.set(urn, present);
  }

  /** The resource's record that this run saw last. A check without old inputs belongs to its replacement. */
  current(urn: string): Current | undefined {
    return this.currents.get(urn);
  }

  /** Notes that the program declares this resource with these inputs. */
  noteInputs(urn: string, inputs: Props): void {
    this.wanted.set(urn, inputs);
  }

  /** The inputs of all resources that the program declares, as far as the engine has checked them in this run. */
  wantedInputs(): Iterable<Props> {
    return this.wanted.values();
  }

  /** The engine has asked in this run for the resource with this hash, or with this lineage. */
  isAskedFor({ resource, lineage = "" }: Owner): boolean {
    const urns = [...this.wanted.keys(), ...this.comparisons.keys()];
    return this.urns.has(lineage) || urns.some((urn) => resourceOf(urn) === resource);
  }

  /** Notes that the engine compared the record of this resource with these inputs. */
  noteComparison(urn: string, inputs: Props): void {
    this.comparisons.set(urn, inputs);
  }

  /**
   * What the program declares for the resource: by its lineage, or by its URN if a targeted replacement started a new
   * lineage. Undefined in a `pulumi destroy`, and for a resource that is no longer in the program.
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

  /** The lineage of the resource with this URN, if this run has learned it. */
  lineageOf(urn: string): Lineage | undefined {
    return this.lineages.get(urn);
  }

  /** The newest record of this lineage among those that this run was asked to delete, including this one. */
  newestOf(lineage: Lineage | undefined, since: string | undefined, state: Props): Props {
    const known = this.newest.get(lineage?.id ?? "");
    if (!lineage || (known && known.since > (since ?? ""))) return known?.state ?? state;
    this.newest.set(lineage.id, { since: since ?? "", state });
    return state;
  }

  /** Notes that the resource adopts this id. */
  noteAdoption(urn: string, id: string): void {
    this.adopting.set(urn, id);
  }

  /** The name of another resource that has this id in this run; undefined if there is none. */
  holderBeside(urn: string, id: string): string | undefined {
    const held = [...[...this.currents].map(([other, present]) => [other, present.id] as const), ...this.adopting];
    const [holder] = held.find(([other, one]) => one === id && other !== urn) ?? [];
    return holder === undefined ? undefined : urnParts(holder).name;
  }

  /** The name of another resource that this run was asked to adopt this id for, even if that failed. */
  adopterBeside(urn: string, id: string): string | undefined {
    const [adopter] = [...this.adopting].find(([other, one]) => one === id && other !== urn) ?? [];
    return adopter === undefined ? undefined : urnParts(adopter).name;
  }

  /**
   * Notes what `Read` has read. A check follows at once unless it was a `get`; if this resource adopts it, the check
   * asks for it.
   */
  noteLook(urn: string, given: string, inputs: Props): void {
    this.looked.set(urn, { given, inputs });
  }

  lookedAt(urn: string): Looked | undefined {
    return this.looked.get(urn);
  }
}
