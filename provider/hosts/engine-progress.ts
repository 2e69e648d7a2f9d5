import type { credentials } from "@grpc/grpc-js";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

import { noProgress, type Progress } from "../lifecycle/progress";

/** Pulumi's messages to the engine, and the gRPC library that carries them. */
export interface EngineModules {
  readonly credentials: typeof credentials;
  readonly EngineClient: typeof EngineClient;
  readonly LogRequest: typeof LogRequest;
  readonly LogSeverity: typeof LogSeverity;
}

/**
 * Sends lines to the engine at `address`. Nothing is printed, because printed text would appear under the stack instead
 * of the resource. A line that cannot be delivered is dropped and never fails its operation.
 */
export function engineProgress(address: string | undefined, load: () => EngineModules): Progress {
  if (!address || !/^[\w.-]+:\d+$/.test(address)) return noProgress;
  let send: ((urn: string, text: string, severity: "INFO" | "WARNING", ephemeral: boolean) => void) | undefined;
  const inFlight = new Set<Promise<void>>();

  const connect = () => {
    const { credentials, EngineClient, LogRequest, LogSeverity } = load();
    const engine = new EngineClient(address, credentials.createInsecure());
    return (urn: string, text: string, severity: "INFO" | "WARNING", ephemeral: boolean) => {
      const request = new LogRequest();
      request.setSeverity(LogSeverity[severity]);
      request.setMessage(text);
      request.setUrn(urn);
      request.setStreamid(1); // without a stream of its own, passing lines are not shown in time
      request.setEphemeral(ephemeral);
      const taken = new Promise<void>((resolve) => engine.log(request, () => resolve()));
      inFlight.add(taken);
      void taken.then(() => inFlight.delete(taken));
    };
  };
  const deliver = (urn: string, text: string, severity: "INFO" | "WARNING", ephemeral: boolean) => {
    try {
      send ??= connect();
      send(urn, text, severity, ephemeral);
    } catch {
      send = () => undefined;
    }
  };
  return {
    show: (urn, text) => deliver(urn, text, "INFO", true),
    note: (urn, text) => deliver(urn, text, "INFO", false),
    warn: (urn, text) => deliver(urn, text, "WARNING", false),
    flush: async () => void (await Promise.all(inFlight)),
  };
}
