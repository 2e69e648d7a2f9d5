// The entry of the plugin `pulumi-resource-alicloud-image`.

import "../../old-node/ends";
import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Progress } from "../../lifecycle/progress";
import { Session } from "../../lifecycle/session";
import { VERSION } from "../../release";
import { systemClock } from "../../wait/clock";
import { engineProgress } from "../engine-progress";
import { stackConfigOf } from "./configuration";
import { constructGoldenImage } from "./construct";
import { inOwnWords } from "./errors";
import { functionOf, listerOf, resourceOf, tokenOf } from "./package";
import schema from "./schema.json";
import { type Package, ProviderService } from "./service";
import { installShutdownHooks } from "./shutdown";

/** The engine passes Ctrl-C on to a native provider. */
const WAIT_HINT = "Ctrl-C ends the wait, and the next up continues it";

const package_: Package = {
  version: VERSION,
  schema: JSON.stringify(schema),
  env: process.env,
  open(args, engine) {
    const rows = engineProgress(engine, () => ({ credentials, EngineClient, LogRequest, LogSeverity }));
    const progress: Progress = {
      show: (urn, text) => rows.show(urn, inOwnWords(text)),
      note: (urn, text) => rows.note(urn, inOwnWords(text)),
      warn: (urn, text) => rows.warn(urn, inOwnWords(text)),
      flush: rows.flush,
    };
    const session = new Session({
      env: process.env,
      clock: systemClock,
      progress,
      waitHint: WAIT_HINT,
      hasSiblingProcesses: true,
    });
    session.configure(stackConfigOf(args).get);
    return session;
  },
  resourceOf,
  constructorOf: (token) =>
    token === tokenOf("GoldenImage")
      ? (request, { session, provider }) => constructGoldenImage(request, provider, session.defaultRegion())
      : undefined,
  functionOf,
  listerOf,
};

/**
 * Runs the plugin `pulumi-resource-alicloud-image` until the engine ends it. The only argument is the engine's address;
 * it is missing if the plugin was started by hand for `PULUMI_DEBUG_PROVIDERS`. The first line of the standard output
 * is the port that the engine calls.
 */
async function servePlugin(): Promise<void> {
  if (process.argv[2] === "--version") return void process.stdout.write(`${VERSION}\n`);
  const engine = process.argv.slice(2).find((argument) => /^[\w.:[\]-]+:\d+$/.test(argument));
  const service = new ProviderService(package_, engine);
  const server = new Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(ResourceProviderService, service.methods());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  installShutdownHooks(engine, () => service.end());
  process.stdout.write(`${port}\n`);
}

/** A function, because Pulumi's Node.js language host requires this file and calls its export (`PulumiPlugin.yaml`). */
module.exports = servePlugin;
