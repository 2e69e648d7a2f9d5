// The native protocol's methods for a resource: Check, Diff, Create, Read, Update and Delete.

import { createHash } from "node:crypto";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { sentenceOf } from "../../fields/check";
import { withText } from "../../fields/given";
import { type Leaf, leavesBetween, textOf } from "../../fields/paths";
import type { DescribedField } from "../../fields/schema";
import type { Naming } from "../../lifecycle/naming";
import { RECORD } from "../../lifecycle/record";
import type { Outcome, Runner } from "../../lifecycle/runner";
import { type Secrets, secretsAmong } from "../../lifecycle/secrets";
import { grpcError, inOwnWords, unfinishedError } from "./errors";
import type { Preview } from "./preview";
import { type Props, propsOf, secretKeysIn, structOf } from "./values";

/** The resource type of a request, in the configuration of its connection. */
export interface Resource {
  readonly runner: Runner;
  readonly preview: Preview;
  readonly fields: Readonly<Record<string, DescribedField>>;
  /** Aborted by Cancel. */
  readonly signal: AbortSignal;
}

export type Method<Request, Response> = (request: Request, resource: Resource) => Promise<Response>;

export const check: Method<pb.CheckRequest, pb.CheckResponse> = async (request, { runner, fields, signal }) => {
  const [urn, olds] = [request.getUrn(), propsOf(request.getOlds())];
  const news = withText(fields, propsOf(request.getNews()));
  const seed = request.getRandomseed_asU8();
  const secrets = secretsIn(request.getNews());
  const naming = namingOf(request);
  const { inputs, failures } = await runner.check({ urn, olds, news, seed, signal, secrets, naming });
  const answer = new pb.CheckResponse().setInputs(structOf(inputs, request.getNews()));
  for (const { property, reason } of failures)
    answer.addFailures(new pb.CheckFailure().setProperty(property).setReason(inOwnWords(reason)));
  return answer;
};

/** The engine's naming for a name that the program leaves out. Older engines, and tests, may give no seed. */
function namingOf(request: pb.CheckRequest): Naming | undefined {
  const { DISABLE, ENFORCE } = pb.CheckRequest.AutonamingOptions.Mode;
  const options = request.getAutonaming();
  if (options?.getMode() === DISABLE) return { mode: "disable" };
  if (options) return { mode: options.getMode() === ENFORCE ? "enforce" : "propose", name: options.getProposedName() };
  const seed = request.getRandomseed_asU8();
  if (seed.length === 0) return undefined;
  return { mode: "default", suffix: createHash("sha256").update(seed).digest("hex").slice(0, 7) };
}

export const diff: Method<pb.DiffRequest, pb.DiffResponse> = async (request, { runner, fields }) => {
  const [olds, news] = [propsOf(request.getOlds()), propsOf(request.getNews())];
  const ignoreChanges = request.getIgnorechangesList();
  const { is, because } = runner.diff({ id: request.getId(), urn: request.getUrn(), olds, news, ignoreChanges });
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const answer = new pb.DiffResponse().setChanges(is === "none" ? DIFF_NONE : DIFF_SOME);
  const shown = because.filter((key) => key !== RECORD);
  answer.setDiffsList(shown).setReplacesList(is === "replace" ? shown : []);
  answer.setHasdetaileddiff(true);
  // Reports each leaf that differs, because `replaceOnChanges` may name any of them.
  for (const key of shown)
    for (const leaf of leavesBetween(key, olds[key], news[key], fields[key]?.accepts.type))
      answer.getDetaileddiffMap().set(textOf(leaf.path), new pb.PropertyDiff().setKind(kindOf(leaf, is)));
  return answer;
};

function kindOf({ have, want }: Leaf, is: "none" | "update" | "replace") {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
  const replaces = is === "replace";
  if (have === undefined && want !== undefined) return replaces ? ADD_REPLACE : ADD;
  if (have !== undefined && want === undefined) return replaces ? DELETE_REPLACE : DELETE;
  return replaces ? UPDATE_REPLACE : UPDATE;
}

export const create: Method<pb.CreateRequest, pb.CreateResponse> = async (request, resource) => {
  const { runner, preview, signal } = resource;
  const given = request.getProperties();
  const [urn, inputs] = [request.getUrn(), propsOf(given)];
  const secrets = secretsIn(given);
  const seal = sealing(runner, secrets, given);
  if (request.getPreview()) {
    const { failures } = await runner.check({ urn, olds: {}, news: inputs, preview: true, signal, secrets });
    if (failures.length > 0) throw grpcError(sentenceOf(failures));
    return new pb.CreateResponse().setProperties(seal(preview.created(inputs)));
  }
  const outcome = await runner.create({ urn, inputs, signal, secrets, ...timeout(request) });
  const { id, state } = recordable(outcome, inputs, seal);
  return new pb.CreateResponse().setId(id).setProperties(seal(state));
};

/**
 * A refresh sends the recorded properties and inputs, and `get` with a state sends that state. Without a state, an
 * import and a `get` look alike since Pulumi 3.276: both have properties, which are empty. An import by the command
 * lacks an address for views, because no step of it can have views. An answer without properties means that the
 * resource is gone.
 */
export const read: Method<pb.ReadRequest, pb.ReadResponse> = async (request, { runner, signal }) => {
  const [id, urn, state] = [request.getId(), request.getUrn(), propsOf(request.getProperties())];
  const isEmpty = Object.keys(state).length === 0 && Object.keys(propsOf(request.getInputs())).length === 0;
  const isCommand = request.getResourceStatusAddress() === "";
  const isGet = request.hasInputs(); // the form of engines before 3.276
  const adopts = !isEmpty || isGet ? "never" : isCommand ? "now" : "later";
  const secrets = secretsIn(request.getInputs(), request.getProperties());
  const outcome = await runner.read({ urn, id, state, adopts, signal, secrets, ...timeout(request) });
  if (outcome.is === "gone") return new pb.ReadResponse();
  const inputs = propsOf(request.getInputs());
  const seal = sealing(runner, secrets, request.getProperties());
  const found = recordable(outcome, inputs, seal);
  return new pb.ReadResponse()
    .setId(found.id)
    .setProperties(seal(found.state))
    .setInputs(sealing(runner, secrets, request.getInputs())(found.inputs ?? inputs));
};

export const update: Method<pb.UpdateRequest, pb.UpdateResponse> = async (request, { runner, preview, signal }) => {
  const [id, urn] = [request.getId(), request.getUrn()];
  const given = request.getNews();
  const [olds, news] = [propsOf(request.getOlds()), propsOf(given)];
  const secrets = secretsIn(given, request.getOlds());
  const seal = sealing(runner, secrets, given);
  if (request.getPreview()) {
    const { because, missing } = runner.diff({ id, urn, olds, news });
    if (missing.length > 0) throw grpcError(sentenceOf(missing));
    return new pb.UpdateResponse().setProperties(seal(preview.updated(id, olds, news, because)));
  }
  const outcome = await runner.update({ urn, id, olds, news, signal, secrets, ...timeout(request) });
  return new pb.UpdateResponse().setProperties(seal(recordable(outcome, news, seal).state));
};

export const remove: Method<pb.DeleteRequest, Empty> = async (request, { runner, signal }) => {
  const state = propsOf(request.getProperties());
  const secrets = secretsIn(request.getProperties());
  const outcome = await runner.delete({
    urn: request.getUrn(),
    id: request.getId(),
    state,
    signal,
    secrets,
    ...timeout(request),
  });
  if (outcome.is !== "gone") recordable(outcome, {}, sealing(runner, secrets, request.getProperties()));
  return new Empty();
};

/** The secrets in the program's properties, and in recorded ones that the program no longer gives. */
function secretsIn(given: Struct | undefined, recorded?: Struct): Secrets {
  const [news, olds] = [propsOf(given), propsOf(recorded)];
  const left = secretKeysIn(recorded).filter((key) => news[key] === undefined);
  return secretsAmong(new Set([...secretKeysIn(given), ...left]), news, olds);
}

/** Makes properties an answer, in which the secrets are marked. */
type Seal = (props: Props) => Struct;

const sealing =
  (runner: Runner, { keys }: Secrets, given: Struct | undefined): Seal =>
  (props) =>
    structOf(props, given, [...keys, ...runner.revealing(keys)]);

/** What the engine records. Otherwise throws the error with which it records an unfinished resource. */
function recordable(outcome: Outcome, inputs: Props, seal: Seal): Outcome & { is: "made" } {
  if (outcome.is === "made") return outcome;
  if (outcome.is === "unfinished")
    throw unfinishedError({ ...outcome, state: seal(outcome.state), inputs: seal(inputs) });
  throw grpcError(outcome.is === "failed" ? outcome.error.message : "the resource is gone");
}

/** `customTimeouts` arrive in seconds; 0 if the program sets none. */
const timeout = (request: { getTimeout(): number }) =>
  request.getTimeout() > 0 && { timeoutMs: request.getTimeout() * 1_000 };
