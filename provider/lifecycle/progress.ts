/** Shows the user what happens to a resource. */
export interface Progress {
  /** A temporary line on the resource's row. */
  show(urn: string, text: string): void;
  /** A line that stays with the resource. */
  note(urn: string, text: string): void;
  /** A warning that stays with the resource. */
  warn(urn: string, text: string): void;
  /** Resolves once the engine has received everything. */
  flush(): Promise<void>;
}

export const noProgress: Progress = {
  show: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  flush: () => Promise.resolve(),
};
