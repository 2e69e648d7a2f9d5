import { randomBytes } from "node:crypto";
import { status } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { durationMs } from "../../provider/config/duration";
import { type DynamicProvider, TIMEOUTS, URN } from "../../provider/hosts/dynamic/provider";
import { type GrpcError, inOwnWords } from "../../provider/hosts/native/errors";
import { resourceOf, tokenOf } from "../../provider/hosts/native/package";
import * as methods from "../../provider/hosts/native/resources";
import { propsOf, structOf } from "../../provider/hosts/native/values";
import { recordIn } from "../../provider/lifecycle/record";
import type { Session } from "../../provider/lifecycle/session";

/** The hosts that every suite runs through. */
export const FRONTS = ["dynamic", "native"] as const;
export type Front = (typeof FRONTS)[number];
/** Engines whose requests differ: since 3.276 an import and a `get` without a state are the same request. */
export type EngineVersion = "3.245" | "3.276";

type Props = Record<string, unknown>;

/**
 * The native host behind the interface of the dynamic one, so that every suite runs on both. Requests and answers pass
 * as the bytes that gRPC would carry. Only the connection is left out, because a manual clock cannot advance it
 * (test/native tests it).
 */
export function nativeFront(
  kind: string,
  session: Session,
  signal: AbortSignal,
  engine: EngineVersion = "3.276",
): DynamicProvider & Importer {
  const found = resourceOf(tokenOf(kind), session);
  if (!found) throw new Error(`the plugin has no resource ${kind}`);
  const resource = { ...found, signal };

  const call = async <Request extends Message, Response extends Message>(
    method: methods.Method<Request, Response>,
    type: { deserializeBinary(bytes: Uint8Array): Request },
    request: Request,
    hidden: Props,
  ): Promise<Response> => {
    const received = type.deserializeBinary(request.serializeBinary());
    return method(received, resource).catch((error: unknown) => Promise.reject(asDynamicError(error, hidden)));
  };

  async function read(id: string, props: Props, by: ReadBy): Promise<{ id: string; props: Props; inputs?: Props }> {
    const given = asEngineSends(engine, by, props);
    const request = new pb.ReadRequest().setId(id).setUrn(urnOf(props)).setResourceStatusAddress(given.statusAddress);
    if (given.properties) request.setProperties(given.properties);
    if (given.inputs) request.setInputs(given.inputs);
    const answer = await call(methods.read, pb.ReadRequest, request, props);
    if (!answer.hasProperties()) return { id: "", props: {} };
    const inputs = propsOf(answer.getInputs());
    return {
      id: answer.getId(),
      props: { ...propsOf(answer.getProperties()), ...hiddenIn(props) },
      ...(Object.keys(inputs).length > 0 && { inputs: { ...inputs, ...hiddenIn(props) } }),
    };
  }

  return {
    configure: ({ config }) => session.configure((key) => config.get(key)),
    async check(olds, news) {
      const request = new pb.CheckRequest().setUrn(urnOf(news)).setOlds(sent(olds)).setNews(sent(news));
      request.setRandomseed(randomBytes(32)); // the engine sends another one in each run
      const answer = await call(methods.check, pb.CheckRequest, request, news);
      const failures = answer
        .getFailuresList()
        .map((one) => ({ property: one.getProperty(), reason: one.getReason() }));
      return { inputs: { ...propsOf(answer.getInputs()), ...hiddenIn(news) }, failures };
    },
    async diff(id, olds, news) {
      const request = new pb.DiffRequest().setId(id).setUrn(urnOf(news)).setOlds(sent(olds)).setNews(sent(news));
      const answer = await call(methods.diff, pb.DiffRequest, request, news);
      const changes = answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME;
      return { changes, replaces: answer.getReplacesList(), deleteBeforeReplace: answer.getDeletebeforereplace() };
    },
    async create(inputs) {
      const request = new pb.CreateRequest().setUrn(urnOf(inputs)).setProperties(sent(inputs));
      const answer = await call(
        methods.create,
        pb.CreateRequest,
        request.setTimeout(secondsOf(inputs, "create")),
        inputs,
      );
      return { id: answer.getId(), outs: { ...propsOf(answer.getProperties()), ...hiddenIn(inputs) } };
    },
    read: (id, props) => read(id, props, recordIn(props) ? "refresh" : "get"),
    import: (id, props, by) => read(id, props, by),
    async update(id, olds, news) {
      const request = new pb.UpdateRequest().setId(id).setUrn(urnOf(news)).setOlds(sent(olds)).setNews(sent(news));
      const answer = await call(methods.update, pb.UpdateRequest, request.setTimeout(secondsOf(news, "update")), news);
      return { outs: { ...propsOf(answer.getProperties()), ...hiddenIn(news) } };
    },
    async delete(id, props) {
      const request = new pb.DeleteRequest().setId(id).setUrn(urnOf(props)).setProperties(sent(props));
      await call(methods.remove, pb.DeleteRequest, request.setTimeout(secondsOf(props, "delete")), props);
    },
  };
}

interface Message {
  serializeBinary(): Uint8Array;
}

/** Why the engine sends Read: a refresh, `get`, the resource option `import`, or the command `pulumi import`. */
type ReadBy = "refresh" | "get" | "option" | "command";

/** Sends Read as an import does. The dynamic protocol has no such request. */
export interface Importer {
  import(id: string, props: Props, by: "option" | "command"): Promise<{ id: string; props: Props; inputs?: Props }>;
}

/**
 * For an import, 3.245 sends neither properties nor inputs. 3.276 always sends properties, and inputs if there are
 * some.
 */
function asEngineSends(engine: EngineVersion, by: ReadBy, props: Props) {
  const [properties, isImport] = [sent(props), by === "option" || by === "command"];
  const inputs = by === "refresh" || engine === "3.245" ? sent({}) : undefined;
  const statusAddress = by === "command" ? "" : "127.0.0.1:1";
  if (!isImport) return { properties, inputs, statusAddress };
  return { properties: engine === "3.245" ? undefined : sent({}), inputs: undefined, statusAddress };
}

const HIDDEN = [URN, TIMEOUTS, "__provider", "__preview"];
const hiddenIn = (props: Props): Props =>
  Object.fromEntries(HIDDEN.flatMap((key) => (props[key] === undefined ? [] : [[key, props[key]]])));
/** The properties that the engine would send: without those that the constructors of the dynamic classes add. */
const sent = (props: Props) =>
  structOf(Object.fromEntries(Object.entries(props).filter(([key]) => !HIDDEN.includes(key))));

const urnOf = (props: Props): string =>
  String(props[URN] ?? recordIn(props)?.urn ?? "").replaceAll(
    "pulumi-nodejs:dynamic/alicloud-image:",
    "alicloud-image:index:",
  );

const secondsOf = (props: Props, operation: string): number => {
  const text = (props[TIMEOUTS] as Record<string, string> | undefined)?.[operation];
  return text === undefined ? 0 : durationMs(text) / 1_000;
};

/** The engine's view of an error: its message, and the unfinished resource that it carries. */
function asDynamicError(thrown: unknown, hidden: Props): unknown {
  const { details, metadata, code } = Object(thrown) as Partial<GrpcError>;
  // Any other error reaches the engine as a gRPC error with its message, as in the service.
  if (details === undefined)
    return thrown instanceof Error && thrown.name === "" ? new Error(inOwnWords(thrown.message)) : thrown;
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  const error = Object.assign(new Error(details), { code: code ?? status.UNKNOWN });
  const [detail] = bytes === undefined ? [] : Status.deserializeBinary(bytes as Buffer).getDetailsList();
  if (!detail) return error;
  const failed = ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
  const properties = { ...propsOf(failed.getProperties()), ...hiddenIn(hidden) };
  return Object.assign(error, { id: failed.getId(), properties, reasons: failed.getReasonsList() });
}
