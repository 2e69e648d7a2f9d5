import { fstatSync } from "node:fs";
import type { Session } from "../../lifecycle/session";

/** The engine waits five seconds for a provider that it has interrupted, then kills it. */
const FAREWELL_MS = 4_000;

/**
 * Ends a session when the dynamic-provider process ends.
 *
 * The engine ends a provider with SIGINT (CTRL_BREAK on Windows), after its last write to the state. A killed engine
 * sends nothing, but the pipe to our standard input closes at once. Then the provider must do nothing more, because a
 * new run may start at any moment.
 */
export function installShutdownHooks(session: Session): void {
  if (!/dynamic-provider/.test(process.argv[1] ?? "")) return; // a test, or a program that only imports it
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(0), FAREWELL_MS);
    void session.end().finally(() => process.exit(0));
  };
  // On Windows the engine sends CTRL_BREAK, which Node reports as SIGBREAK.
  for (const signal of ["SIGINT", "SIGBREAK"] as const) process.on(signal, end);
  if (fstatSync(0).isFIFO()) {
    process.stdin.resume();
    process.stdin.once("end", () => process.exit(1));
    process.stdin.once("error", () => process.exit(1));
  }
}
