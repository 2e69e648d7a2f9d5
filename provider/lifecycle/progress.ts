/** What a person should see of a resource while and after something is done to it. */
export interface Progress {
  /** A passing line on the resource's own row. */
  show(urn: string, text: string): void;
  /** A line that stays with the resource. */
  note(urn: string, text: string): void;
  /** A warning that stays with the resource. */
  warn(urn: string, text: string): void;
  /** Resolves once the engine has taken everything. */
  flush(): Promise<void>;
}

export const noProgress: Progress = {
  show: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  flush: () => Promise.resolve(),
};
