import type { Metadata } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UNKNOWN } from "../../provider/fields/unknown";
import { grpcError, unfinishedError } from "../../provider/hosts/native/errors";
import { propsOf, structOf } from "../../provider/hosts/native/values";
import fc from "../support/fast-check";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });

test("every JSON value survives the way to the engine and back", () => {
  // The library of protocol buffers drops a key named __proto__, at any depth.
  const isCarried = (value: unknown) => !/"(__proto__|4dabf18193072939515e22adb298388d)"/.test(JSON.stringify(value));
  const value = fc.jsonValue({ noUnicodeString: false }).filter(isCarried);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value).filter(isCarried), (props) => {
      const sent = Struct.deserializeBinary(structOf(props).serializeBinary());
      expect(propsOf(sent)).toEqual(JSON.parse(JSON.stringify(props)));
    }),
  );
});

test("what JSON cannot hold is left out, and nothing else", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(propsOf(structOf({ id: "m-1", none: undefined, big: 10n, circle, call: () => 1 }))).toEqual({ id: "m-1" });
});

test("secrets, outputs and references arrive as plain values, an unknown output as unknown, at any depth", () => {
  const given = {
    key: secret("k"),
    endpoints: secret({ ecs: secret("host") }),
    list: [{ inner: { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4" } }],
    known: { [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: "v", secret: true },
    reference: { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x", id: "i-1" },
  };
  expect(propsOf(structOf(given))).toEqual({
    key: "k",
    endpoints: { ecs: "host" },
    list: [{ inner: UNKNOWN }],
    known: "v",
    reference: "i-1",
  });
});

test("what is secret in a request is secret in its answer, with and without defaults", () => {
  const given = structOf({
    description: secret("d"),
    tags: { team: secret("t"), tier: "1" },
    disks: [{ size: secret(40) }],
  });
  const state = {
    imageId: "m-1",
    description: "d",
    tags: { team: "t", tier: "1" },
    disks: [{ size: 40, device: "a" }],
  };
  expect(structOf(state, given).toJavaScript()).toEqual({
    imageId: "m-1",
    description: secret("d"),
    tags: { team: secret("t"), tier: "1" },
    disks: secret([{ size: 40, device: "a" }]),
  });
});

test("the error of an unfinished resource carries id, state, inputs and reasons, however large they are", () => {
  const large = "x".repeat(200_000);
  const error = unfinishedError({
    id: "m-1",
    state: structOf({ large }),
    inputs: structOf({ size: 40 }),
    reasons: ["it takes longer"],
  });
  const [bytes] = (error.metadata as Metadata).get("grpc-status-details-bin");
  const [detail] = Status.deserializeBinary(bytes as Buffer).getDetailsList();
  const failed = ErrorResourceInitFailed.deserializeBinary(detail!.getValue_asU8());
  expect(detail!.getTypeUrl()).toBe("type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
  expect(failed.getId()).toBe("m-1");
  expect(failed.getProperties()!.toJavaScript()).toEqual({ large });
  expect(failed.getInputs()!.toJavaScript()).toEqual({ size: 40 });
  expect(failed.getReasonsList()).toEqual(["it takes longer"]);
});

test("advice names the configuration keys of this provider", () => {
  expect(grpcError("run pulumi config set alicloud:region <region>; see alicloud: keys").details).toBe(
    "run pulumi config set alicloud-image:region <region>; see alicloud: keys",
  );
});
