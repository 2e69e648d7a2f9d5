import { createRequire } from "node:module";

/** What a person should see of a resource while and after something is done to it. */
export interface Progress {
  /** A passing line on the resource's own row. */
  show(urn: string, text: string): void;
  /** A warning that stays with the resource. */
  warn(urn: string, text: string): void;
}

export const noProgress: Progress = { show: () => undefined, warn: () => undefined };

/**
 * Speaks to the engine that started this process: its address is the last argument of the dynamic-provider host. What the
 * host prints would end up under the stack, not the resource, so nothing is ever printed. Best effort: a line that cannot
 * be delivered is dropped, and never fails what it tells of.
 */
export function engineProgress(address: string | undefined): Progress {
  if (!address || !/^[\w.-]+:\d+$/.test(address)) return noProgress;
  let send: ((urn: string, text: string, severity: "INFO" | "WARNING", ephemeral: boolean) => void) | undefined;

  const connect = () => {
    // All of it is loaded already by the host that this runs in; gRPC is Pulumi's own dependency, not ours.
    const ofPulumi = createRequire(require.resolve("@pulumi/pulumi/proto/engine_grpc_pb"));
    const { EngineClient } = ofPulumi("./engine_grpc_pb");
    const { LogRequest, LogSeverity } = ofPulumi("./engine_pb");
    const engine = new EngineClient(address, ofPulumi("@grpc/grpc-js").credentials.createInsecure());
    return (urn: string, text: string, severity: "INFO" | "WARNING", ephemeral: boolean) => {
      const request = new LogRequest();
      request.setSeverity(LogSeverity[severity]);
      request.setMessage(text);
      request.setUrn(urn);
      request.setStreamid(1); // a stream of its own, or passing lines are not shown as they come
      request.setEphemeral(ephemeral);
      engine.log(request, () => undefined);
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
    warn: (urn, text) => deliver(urn, text, "WARNING", false),
  };
}
