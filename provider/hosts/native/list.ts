import { type ServerWritableStream, status } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { messageOf } from "../../failure";
import { isUnknown } from "../../fields/unknown";
import { grpcError } from "./errors";
import { type Props, propsOf } from "./values";

/** An existing resource: the id for its import, and its name in the cloud. */
interface Listed {
  readonly id: string;
  readonly name: string;
}

/** Lists all resources of a type that match a query. */
export type Lister = (query: Props) => Promise<readonly Listed[]>;

type ListCall = ServerWritableStream<pb.ListRequest, pb.ListResponse>;

/** Answers List with one message per resource. The token of a page is the number of resources before it. */
export const listing = (listerOf: (token: string, peer: string) => Lister) => (call: ListCall) =>
  void answer(call, listerOf).then(
    () => call.end(),
    (error: unknown) => call.emit("error", "metadata" in Object(error) ? error : grpcError(messageOf(error))),
  );

async function answer(call: ListCall, listerOf: (token: string, peer: string) => Lister): Promise<void> {
  const { request } = call;
  const list = listerOf(request.getToken(), call.getPeer());
  const query = propsOf(request.getQuery());
  if (Object.values(query).some(isUnknown))
    return void call.write(new pb.ListResponse().setComputed(new pb.ListResponse.Computed()));
  const from = fromOf(request.getContinuationToken());
  const all = await list(query);
  const end = Math.min(all.length, request.getLimit() || all.length);
  const until = Math.min(end, from + (request.getPageSize() || all.length));
  for (const { id, name } of all.slice(from, until))
    call.write(new pb.ListResponse().setResult(new pb.ListResponse.Result().setId(id).setName(name)));
  if (until < end)
    call.write(
      new pb.ListResponse().setContinuation(new pb.ListResponse.Continuation().setContinuationToken(String(until))),
    );
}

function fromOf(token: string): number {
  if (!/^\d*$/.test(token))
    throw grpcError(`${JSON.stringify(token)} is not the token of a page`, status.INVALID_ARGUMENT);
  return Number(token);
}
