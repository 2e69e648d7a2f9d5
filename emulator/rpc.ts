import { authenticate, type Nonces } from "./access/authenticate";
import { claimOf } from "./access/signature";
import { ecsActions, stsActions } from "./actions";
import type { HttpAnswer, HttpRequest, Outcome } from "./http/message";
import { pairsOf } from "./http/percent-encoding";
import { type Elements, xmlDocument } from "./http/xml";
import type { Action } from "./request/action";
import { ApiError, refusal } from "./request/api-error";
import type { Context, Emulation, Permission } from "./request/emulation";
import { parsed } from "./request/parameters";
import { factsOf } from "./resources/tagged-resource";
import type { Quirks } from "./world/quirks";

/** The products with this protocol, by the API version in the request. */
const products = {
  "2014-05-26": { name: "Ecs", ramPrefix: "ecs", actions: ecsActions },
  "2015-04-01": { name: "Sts", ramPrefix: "sts", actions: stsActions },
} as const;

/** Parameters of every request, which identify the sender and the format. */
const commonParams = new Set(
  (
    "Action Version Format AccessKeyId Signature SignatureMethod SignatureVersion SignatureNonce SignatureType " +
    "Timestamp SecurityToken"
  ).split(" "),
);

const isForm = ({ headers }: HttpRequest): boolean =>
  (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");

/** Whether the request is addressed to ECS or STS; everything else is for OSS. */
export const isRpc = (request: HttpRequest): boolean =>
  request.path === "/" &&
  (Object.keys(request.headers).some((name) => name.startsWith("x-acs-")) ||
    /(^|&)(Action|AccessKeyId)=/.test(request.query) ||
    (request.method === "POST" && isForm(request)));

export function rpc(emulation: Emulation): (request: HttpRequest) => Promise<Outcome> {
  const nonces: Nonces = new Map();
  return (request) => handleRpc(request, emulation, nonces);
}

/** A request of this protocol, parsed as far as possible. */
interface RpcCall {
  readonly request: HttpRequest;
  readonly params: Readonly<Record<string, string>>;
  /** The action's own parameters. */
  readonly business: Record<string, string>;
  readonly name: string;
  readonly version: string;
  readonly product: (typeof products)[keyof typeof products] | undefined;
  readonly action: Action | undefined;
  readonly regionId: string;
  readonly format: "JSON" | "XML" | undefined;
}

function handleRpc(request: HttpRequest, emulation: Emulation, nonces: Nonces): Promise<Outcome> {
  const call = rpcCallOf(request);
  const { name, business, regionId } = call;
  return emulation.dispatch({
    action: name,
    params: business,
    accessKeyId: accessKeyIdOf(call),
    regionId,
    authenticate: () => {
      requireAction(call);
      return authenticate(claimOf(request, call.params), emulation, nonces);
    },
    permissions: (context) => permissionsOf(call, context),
    work: (context) => workOf(call, context),
    refuse: (error, requestId) => refusalOf(call, error, requestId),
  });
}

function rpcCallOf(request: HttpRequest): RpcCall {
  const params: Record<string, string> = Object.fromEntries([
    ...pairsOf(request.query),
    ...(isForm(request) ? pairsOf(request.body.toString("utf8")) : []),
  ]);
  const name = request.headers["x-acs-action"] ?? params.Action ?? "";
  const version = request.headers["x-acs-version"] ?? params.Version ?? "";
  const product = products[version as keyof typeof products] as RpcCall["product"];
  const action = product && Object.hasOwn(product.actions, name) ? product.actions[name] : undefined;
  return {
    request,
    params,
    business: Object.fromEntries(Object.entries(params).filter(([param]) => !commonParams.has(param))),
    name,
    version,
    product,
    action,
    regionId: params.RegionId ?? "cn-hangzhou",
    format: formatOf(request, params),
  };
}

function requireAction({ name, version, product, action, format }: RpcCall): void {
  if (!name) throw new ApiError(400, "MissingAction", "Action is mandatory for this action.");
  if (!version) throw new ApiError(400, "MissingVersion", "Version is mandatory for this action.");
  if (!product) throw refusal("InvalidVersion");
  const emulated = Object.keys(product.actions).join(", ");
  if (!action)
    throw refusal(
      "InvalidAction.NotFound",
      `Not emulated: ${name}; the emulator answers these of ${product.name.toUpperCase()}: ${emulated}.`,
    );
  if (format === undefined) throw refusal("InvalidParameter.Format");
}

function permissionsOf({ name, product, action, business, regionId }: RpcCall, context: Context): Permission[] {
  // Everyone may ask for their own identity:
  // https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity
  if (!product || !action || name === "GetCallerIdentity") return [];
  const { ramPrefix } = product;
  return (action.resources?.(business, context) ?? ["*"]).map((resource) => ({
    action: `${ramPrefix}:${name}`,
    resource: resource.startsWith("acs:") ? resource : `acs:${ramPrefix}:${regionId}:${context.accountId}:${resource}`,
    facts: factsOf(resource, business, context.world),
  }));
}

function workOf(call: RpcCall, context: Context): HttpAnswer {
  const { accepts, answer } = call.action as Action;
  const asked = parsed(accepts, call.business);
  if (accepts.RegionId && !context.cloud.regions.has(call.regionId)) throw refusal("InvalidRegionId.NotFound");
  const body = withEmptyLists(answer(context.world, asked, context), context.cloud.quirks.emptyLists);
  return answered(call, 200, { root: `${call.name}Response`, body, requestId: context.requestId });
}

function refusalOf(call: RpcCall, error: ApiError, requestId: string): HttpAnswer {
  const product = call.product?.name ?? "Ecs";
  const query = `q=${encodeURIComponent(error.code)}&product=${product}&requestId=${requestId}`;
  const body = {
    HostId: call.request.headers.host ?? "",
    Code: error.code,
    Message: error.message,
    Recommend: `https://api.alibabacloud.com/troubleshoot?${query}`,
    ...error.extra,
  };
  return answered(call, error.status, { root: "Error", body, requestId, headers: error.headers });
}

interface Document {
  readonly root: string;
  readonly body: Record<string, unknown>;
  readonly requestId: string;
  readonly headers?: Record<string, string> | undefined;
}

function answered({ format }: RpcCall, status: number, { root, body, requestId, headers }: Document): HttpAnswer {
  const document = { RequestId: requestId, ...body };
  const isXml = format === "XML";
  return {
    status,
    headers: {
      "content-type": `${isXml ? "text/xml" : "application/json"};charset=utf-8`,
      "x-acs-request-id": requestId,
      ...headers,
    },
    body: isXml ? xmlDocument(root, document as Elements) : JSON.stringify(document),
  };
}

/**
 * The format of the answer. With signature 1.0 the default is XML, with signature 3 JSON
 * (https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism). Undefined if the request names another
 * one.
 */
function formatOf({ headers }: HttpRequest, params: Readonly<Record<string, string>>): "JSON" | "XML" | undefined {
  const asked = params.Format?.toUpperCase();
  if (asked === "JSON" || asked === "XML") return asked;
  if (asked) return undefined;
  return headers.authorization !== undefined || headers.accept?.includes("json") ? "JSON" : "XML";
}

const accessKeyIdOf = ({ request, params }: RpcCall): string =>
  /Credential=([^,]+)/.exec(request.headers.authorization ?? "")?.[1] ?? params.AccessKeyId ?? "";

/** Lists of the API are objects with one member: `{ "Tag": [ … ] }`. Empty lists are written as the quirk says. */
function withEmptyLists(body: Record<string, unknown>, form: Quirks["emptyLists"]): Record<string, unknown> {
  if (form === "list") return body;
  const members = Object.entries(body).flatMap(([name, value]): [string, unknown][] => {
    if (Array.isArray(value))
      return [[name, value.map((item) => (isObject(item) ? withEmptyLists(item, form) : (item as unknown)))]];
    if (!isObject(value)) return [[name, value]];
    const [only, ...others] = Object.values(value);
    const isEmptyList = others.length === 0 && Array.isArray(only) && only.length === 0;
    if (!isEmptyList) return [[name, withEmptyLists(value, form)]];
    return form === "object" ? [[name, {}]] : [];
  });
  return Object.fromEntries(members);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
