import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

export interface ResourceSharing {
  /** What makes an engine use it in place of the provider `alicloud`. */
  readonly env: { readonly PULUMI_DEBUG_PROVIDERS: string };
  close(): void;
}

/**
 * Stands in for the provider `alicloud`, which needs an account of Alibaba Cloud. Its resources are those of resource
 * sharing. As there, another value of an argument replaces, and the new one is created before the old one is deleted.
 * It calls no cloud. It says in which order resources shared an image and stopped to.
 */
export async function startResourceSharing(
  said: (event: "share" | "unshare", resourceId: string) => void,
): Promise<ResourceSharing> {
  const server = new Server();
  server.addService(ResourceProviderService, { ...aboutItself(), ...ofResources(said) });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { env: { PULUMI_DEBUG_PROVIDERS: `alicloud:${port}` }, close: () => server.forceShutdown() };
}

const unary =
  <Request, Response>(answer: (request: Request) => Response) =>
  ({ request }: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) =>
    done(null, answer(request));
const checked = (request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews());

const aboutItself = () => ({
  handshake: unary(() => new pb.ProviderHandshakeResponse()),
  attach: unary(() => new Empty()),
  getPluginInfo: unary(() => new PluginInfo().setVersion("3.0.0")),
  checkConfig: unary(checked),
  diffConfig: unary(() => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE)),
  configure: unary(() => new pb.ConfigureResponse()),
});

const ofResources = (said: (event: "share" | "unshare", resourceId: string) => void) => {
  const tell = (event: "share" | "unshare", request: pb.CreateRequest | pb.DeleteRequest) => {
    const { resourceId } = (request.getProperties()?.toJavaScript() ?? {}) as { resourceId?: string };
    if (resourceId !== undefined) said(event, resourceId);
  };
  let made = 0;
  return {
    check: unary(checked),
    diff: unary((request: pb.DiffRequest) => {
      const [olds, news] = [request.getOlds()!.toJavaScript(), request.getNews()!.toJavaScript()];
      const changed = Object.keys({ ...olds, ...news }).filter(
        (key) => news[key] !== olds[key] && !key.startsWith("__"),
      );
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE).setReplacesList(changed);
    }),
    create: unary((request: pb.CreateRequest) => {
      tell("share", request);
      made += 1;
      return new pb.CreateResponse().setId(`rs-${made}`).setProperties(request.getProperties());
    }),
    delete: unary((request: pb.DeleteRequest) => {
      tell("unshare", request);
      return new Empty();
    }),
  };
};
