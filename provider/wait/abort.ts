import { Failure } from "../failure";

/**
 * Why work with an aborted signal ended: the signal's reason if that is a `Failure`, otherwise that the run was
 * cancelled.
 */
export const cancellation = ({ reason }: AbortSignal, doing: string): Failure =>
  reason instanceof Failure ? reason : new Failure("Cancelled", `${doing}: the run was cancelled`);

/**
 * Calls `listener` when the signal is aborted; at once if it is already. Returns a function that removes the listener.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => undefined;
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener("abort", listener, { once: true });
  return () => signal.removeEventListener("abort", listener);
}

/** The result of the work, or undefined as soon as the signal is aborted. The work itself continues. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return work;
  let remove = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    remove = onAbort(signal, () => resolve(undefined));
  });
  work.catch(() => undefined); // nothing else may handle its failure
  return Promise.race([work, aborted]).finally(remove);
}
