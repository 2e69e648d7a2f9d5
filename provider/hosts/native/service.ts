// The gRPC service of the native provider.

import {
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type PluginAttach, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageOf } from "../../failure";
import { same } from "../../fields/same";
import { urnParts } from "../../lifecycle/ownership";
import type { Session } from "../../lifecycle/session";
import { configFailures } from "./configuration";
import { grpcError, inOwnWords } from "./errors";
import { type Lister, listing } from "./list";
import * as resources from "./resources";
import { type Configured, Sessions } from "./sessions";
import { type Props, propsOf, secretKeysIn, structOf } from "./values";

/** The contents of this package, without the protocol. */
export interface Package {
  readonly version: string;
  /** The Pulumi package schema, as JSON. */
  readonly schema: string;
  readonly env: NodeJS.ProcessEnv;
  /** Opens a session with the provider's arguments. Its progress lines go to the engine at this address. */
  open(args: Props, engine: string | undefined): Session;
  resourceOf(token: string, session: Session): Omit<resources.Resource, "signal"> | undefined;
  /** Constructs the component of this type for a request of the engine. */
  constructorOf(
    token: string,
  ): ((request: pb.ConstructRequest, configured: Configured<Session>) => Promise<pb.ConstructResponse>) | undefined;
  /** Lists existing resources of this type; undefined if a type cannot be listed. */
  listerOf(token: string, session: Session): Lister | undefined;
  functionOf(
    token: string,
  ): ((args: Props, session: Session, options: { readonly isSecret: boolean }) => Promise<Props>) | undefined;
}

/** `pulumirpc.ResourceProvider`, and the work to do before the process ends. */
export class ProviderService {
  private readonly sessions = new Sessions<Session>();

  constructor(
    private readonly package_: Package,
    /** The engine's address, which a later request may replace. */
    private engine: string | undefined,
  ) {}

  /** The methods by name. A missing one answers Unimplemented. */
  methods(): UntypedServiceImplementation {
    const { package_, sessions } = this;
    return {
      ...this.aboutItself(),
      ...this.ofResources(),
      construct: unary((request: pb.ConstructRequest, peer) => construct(package_, request, this.configuredOf(peer))),
      invoke: unary((request: pb.InvokeRequest, peer) => invoke(package_, request, this.configuredOf(peer))),
      list: listing((token, peer) => {
        const list = package_.listerOf(token, this.configuredOf(peer).session);
        if (!list) throw grpcError(`${token} cannot be listed`, status.UNIMPLEMENTED);
        return list;
      }),
      cancel: unary((_request: Empty, peer) => {
        sessions.cancel(peer);
        return new Empty();
      }),
    };
  }

  /** Ends all sessions. Called before the process ends. */
  async end(): Promise<void> {
    await Promise.all(this.sessions.all().map((session) => session.end()));
  }

  private aboutItself(): UntypedServiceImplementation {
    const { package_, sessions } = this;
    return {
      handshake: unary((request: pb.ProviderHandshakeRequest) => {
        this.engine = request.getEngineAddress() || this.engine;
        return handshakeResponse();
      }),
      attach: unary((request: PluginAttach) => {
        this.engine = request.getAddress();
        return new Empty();
      }),
      getPluginInfo: unary(() => new PluginInfo().setVersion(package_.version)),
      getSchema: unary((request: pb.GetSchemaRequest) => schemaResponse(request.getVersion(), package_.schema)),
      checkConfig: unary((request: pb.CheckRequest) => checkConfig(request, package_.env)),
      diffConfig: unary(diffConfig),
      configure: unary((request: pb.ConfigureRequest, peer) => {
        const provider = request.getUrn() && request.getId() ? `${request.getUrn()}::${request.getId()}` : "";
        sessions.open(peer, package_.open(propsOf(request.getArgs()), this.engine), provider);
        return configureResponse();
      }),
    };
  }

  private ofResources(): UntypedServiceImplementation {
    const on = <Request extends { getUrn(): string }, Response>(method: resources.Method<Request, Response>) =>
      unary((request: Request, peer: string) => method(request, this.resourceOf(request, peer)));
    return {
      check: on(resources.check),
      diff: on(resources.diff),
      create: on(resources.create),
      read: on(resources.read),
      update: on(resources.update),
      delete: on(resources.remove),
    };
  }

  private resourceOf(request: { getUrn(): string }, peer: string): resources.Resource {
    const { session, cancelled } = this.configuredOf(peer);
    const type = typeIn(request.getUrn());
    const resource = this.package_.resourceOf(type, session);
    if (!resource) throw grpcError(`there is no resource ${type}`, status.NOT_FOUND);
    return { ...resource, signal: cancelled.signal };
  }

  private configuredOf(peer: string): Configured<Session> {
    const configured = this.sessions.of(peer);
    if (!configured) throw grpcError("the provider is not configured", status.FAILED_PRECONDITION);
    return configured;
  }
}

async function invoke(
  package_: Package,
  request: pb.InvokeRequest,
  { session, cancelled }: Configured<Session>,
): Promise<pb.InvokeResponse> {
  const run = package_.functionOf(request.getTok());
  if (!run) throw grpcError(`there is no function ${request.getTok()}`, status.NOT_FOUND);
  const args = request.getArgs();
  const isSecret = secretKeysIn(args).length > 0;
  const result = await unlessCancelled(run(propsOf(args), session, { isSecret }), cancelled.signal);
  return new pb.InvokeResponse().setReturn(structOf(result));
}

const handshakeResponse = () =>
  new pb.ProviderHandshakeResponse()
    .setAcceptSecrets(true) // required for components
    .setAcceptResources(true)
    .setSupportsAutonamingConfiguration(true);

const configureResponse = () =>
  new pb.ConfigureResponse()
    .setSupportspreview(true)
    .setAcceptsecrets(true)
    .setAcceptresources(true)
    .setSupportsAutonamingConfiguration(true);

function construct(
  package_: Package,
  request: pb.ConstructRequest,
  configured: Configured<Session>,
): Promise<pb.ConstructResponse> {
  const component = package_.constructorOf(request.getType());
  if (!component) throw grpcError(`there is no component ${request.getType()}`, status.NOT_FOUND);
  return component(request, configured);
}

function checkConfig(request: pb.CheckRequest, env: NodeJS.ProcessEnv): pb.CheckResponse {
  const answer = new pb.CheckResponse().setInputs(request.getNews());
  for (const { property, reason } of configFailures(propsOf(request.getNews()), env))
    answer.addFailures(new pb.CheckFailure().setProperty(property).setReason(inOwnWords(reason)));
  return answer;
}

/** Never returns `replaces`: the engine would replace every resource of this provider. */
function diffConfig(request: pb.DiffRequest): pb.DiffResponse {
  const [olds, news] = [propsOf(request.getOlds()), propsOf(request.getNews())];
  const changed = Object.keys({ ...olds, ...news }).filter((key) => !same(olds[key], news[key]));
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  return new pb.DiffResponse().setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE).setDiffsList(changed);
}

/** `urn:pulumi:stack::project::parent$alicloud-image:index:CustomImage::name`. */
const typeIn = (urn: string): string => urnParts(urn).types.split("$").at(-1)!;

function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(grpcError("cancelled", status.CANCELLED));
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
  });
}

/** A method with one request and one answer. Everything that it throws becomes an error that the engine can show. */
function unary<Request, Response>(
  answer: (request: Request, peer: string) => Response | Promise<Response>,
): UntypedHandleCall {
  const handle = (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) =>
    void Promise.resolve()
      .then(() => answer(call.request, call.getPeer()))
      .then(
        (response) => done(null, response),
        (error: unknown) => done("metadata" in Object(error) ? (error as never) : grpcError(messageOf(error))),
      );
  return handle as UntypedHandleCall;
}

function schemaResponse(version: number, schema: string): pb.GetSchemaResponse {
  if (version === 0) return new pb.GetSchemaResponse().setSchema(schema);
  throw grpcError(`there is no schema of version ${version}`, status.INVALID_ARGUMENT);
}
