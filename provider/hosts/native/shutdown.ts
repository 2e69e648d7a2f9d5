import { fstatSync } from "node:fs";
import { Client, connectivityState, credentials } from "@grpc/grpc-js";

/** The engine waits five seconds for a plugin that it has interrupted, then kills it. */
const SHUTDOWN_MS = 4_000;

/**
 * Ends this process together with its engine.
 *
 * The engine interrupts an executable at its orderly end, after its last write to the state: with SIGINT, or on Windows
 * with CTRL_BREAK, which Node reports as SIGBREAK. The Cancel call does not mean the same: it also comes before the
 * last write. A killed engine sends nothing. Then the provider must send nothing more to the cloud, because the next
 * run may start at once. An executable notices that by the end of its standard input. A plugin that a language host
 * runs (`PulumiPlugin.yaml`) has no such pipe, and notices that the engine's port is closed.
 */
export function installShutdownHooks(engine: string | undefined, end: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGBREAK"] as const) {
    process.once(signal, () => {
      setTimeout(() => process.exit(0), SHUTDOWN_MS);
      void end().finally(() => process.exit(0));
    });
  }
  const abandon = () => process.exit(1);
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) {
    process.stdin.resume();
    process.stdin.once("end", abandon);
    process.stdin.once("error", abandon);
  } else if (engine !== undefined) {
    whenClosed(engine, abandon);
  }
}

/** Calls `then` once nothing listens at `address`. */
function whenClosed(address: string, then: () => void): void {
  const channel = new Client(address, credentials.createInsecure(), {
    "grpc.client_idle_timeout_ms": 2_147_483_647, // or the connection ends after half an hour without a call
  }).getChannel();
  const observe = () => {
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.TRANSIENT_FAILURE) return then();
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, observe);
  };
  observe();
}
