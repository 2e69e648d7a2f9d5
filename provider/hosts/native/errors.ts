import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** A resource that exists and is not ready. The engine records it with its id, and the next `up` calls Update. */
export interface Unfinished {
  readonly id: string;
  readonly state: Struct;
  readonly inputs: Struct;
  readonly reasons: readonly string[];
}

export type GrpcError = Pick<ServiceError, "code" | "details" | "metadata" | "name" | "message">;

/**
 * The rest of the package gives advice about `alicloud:`, the stack configuration of `@pulumi/alicloud` that a dynamic
 * provider uses. This provider has its own keys, so the advice names those.
 */
export const inOwnWords = (text: string): string => text.replaceAll(/\balicloud:(?=[a-z])/g, "alicloud-image:");

/** An error for the engine, which shows only its message. */
export function grpcError(text: string, code: status = status.UNKNOWN, metadata = new Metadata()): GrpcError {
  const details = inOwnWords(text);
  return { name: "Error", message: details, details, code, metadata };
}

/**
 * Sends `ErrorResourceInitFailed` as a detail of `google.rpc.Status`. Pulumi's own helper is not exported and leaves
 * `inputs` out (pulumi/pulumi `sdk/nodejs/provider/server.ts`, grpcResponseFromError).
 */
export function unfinishedError({ id, state, inputs, reasons }: Unfinished): GrpcError {
  const failed = new ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(state);
  failed.setInputs(inputs);
  failed.setReasonsList(reasons.map(inOwnWords));
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const text = reasons.join("; ");
  const carrier = new Status();
  carrier.setCode(status.UNKNOWN);
  carrier.setMessage(text);
  carrier.addDetails(detail);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(carrier.serializeBinary()));
  return grpcError(text, status.UNKNOWN, metadata);
}
