import { authenticate, type Nonces } from "./access/authenticate";
import { claimOf } from "./access/signature";
import { ecsActions, stsActions } from "./actions";
import type { HttpAnswer, HttpRequest, Outcome } from "./http/message";
import { pairsOf } from "./http/percent-encoding";
import { type Elements, xmlDocument } from "./http/xml";
import type { Action } from "./request/action";
import { ApiError, refusal } from "./request/api-error";
import type { Emulation } from "./request/emulation";
import { parsed } from "./request/parameters";
import type { Quirks } from "./world/quirks";

/** The two products with this protocol, by the version in the request. */
const products = {
  "2014-05-26": { name: "Ecs", ramPrefix: "ecs", actions: ecsActions },
  "2015-04-01": { name: "Sts", ramPrefix: "sts", actions: stsActions },
} as const;

/** Parameters that every request may carry; they identify the sender and the format, not the request. */
const commonParams = new Set(
  "Action Version Format AccessKeyId Signature SignatureMethod SignatureVersion SignatureNonce SignatureType Timestamp SecurityToken".split(
    " ",
  ),
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

function handleRpc(request: HttpRequest, emulation: Emulation, nonces: Nonces): Promise<Outcome> {
  const params: Record<string, string> = Object.fromEntries([
    ...pairsOf(request.query),
    ...(isForm(request) ? pairsOf(request.body.toString("utf8")) : []),
  ]);
  const name = request.headers["x-acs-action"] ?? params.Action ?? "";
  const version = request.headers["x-acs-version"] ?? params.Version ?? "";
  const product = products[version as keyof typeof products];
  const found = product && Object.hasOwn(product.actions, name) ? (product.actions[name] as Action) : undefined;
  const regionId = params.RegionId ?? "cn-hangzhou";
  const business = Object.fromEntries(Object.entries(params).filter(([param]) => !commonParams.has(param)));
  const format = formatOf(request, params);
  const answered = (
    status: number,
    root: string,
    body: Record<string, unknown>,
    requestId: string,
    headers: Record<string, string> = {},
  ): HttpAnswer => ({
    status,
    headers: {
      "content-type": format === "XML" ? "text/xml;charset=utf-8" : "application/json;charset=utf-8",
      "x-acs-request-id": requestId,
      ...headers,
    },
    body: format === "XML" ? xmlDocument(root, body as Elements) : JSON.stringify(body),
  });

  return emulation.dispatch({
    action: name,
    params: business,
    accessKeyId: accessKeyIdOf(request, params),
    regionId,
    authenticate: () => {
      if (!name) throw new ApiError(400, "MissingAction", "Action is mandatory for this action.");
      if (!version) throw new ApiError(400, "MissingVersion", "Version is mandatory for this action.");
      if (!product) throw refusal("InvalidVersion");
      if (!found)
        throw refusal(
          "InvalidAction.NotFound",
          `Not emulated: ${name}; the emulator answers these of ${product.name.toUpperCase()}: ${Object.keys(product.actions).join(", ")}.`,
        );
      if (format === undefined) throw refusal("InvalidParameter.Format");
      return authenticate(claimOf(request, params), emulation, nonces);
    },
    permissions: (accountId) =>
      // Who one is may be asked by anybody, https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity
      found && name !== "GetCallerIdentity"
        ? (found.resources?.(business) ?? ["*"]).map((resource) => ({
            action: `${product?.ramPrefix}:${name}`,
            resource: resource.startsWith("acs:")
              ? resource
              : `acs:${product?.ramPrefix}:${regionId}:${accountId}:${resource}`,
          }))
        : [],
    work: (context) => {
      const { accepts, answer } = found as Action;
      const asked = parsed(accepts, business);
      if (accepts.RegionId && !emulation.world.regions.has(regionId)) throw refusal("InvalidRegionId.NotFound");
      const body = withEmptyLists(answer(context.world, asked, context), context.cloud.quirks.emptyLists);
      return answered(200, `${name}Response`, { RequestId: context.requestId, ...body }, context.requestId);
    },
    refuse: (error, requestId) =>
      answered(
        error.status,
        "Error",
        {
          RequestId: requestId,
          HostId: request.headers.host ?? "",
          Code: error.code,
          Message: error.message,
          Recommend: `https://api.alibabacloud.com/troubleshoot?q=${encodeURIComponent(error.code)}&product=${product?.name ?? "Ecs"}&requestId=${requestId}`,
          ...error.extra,
        },
        requestId,
        error.headers,
      ),
  });
}

/** Signature 1.0 answers in XML by default, https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism; 3 in JSON. Undefined: neither. */
function formatOf({ headers }: HttpRequest, params: Readonly<Record<string, string>>): "JSON" | "XML" | undefined {
  const asked = params.Format?.toUpperCase();
  if (asked === "JSON" || asked === "XML") return asked;
  if (asked) return undefined;
  return headers.authorization !== undefined || headers.accept?.includes("json") ? "JSON" : "XML";
}

const accessKeyIdOf = ({ headers }: HttpRequest, params: Readonly<Record<string, string>>): string =>
  /Credential=([^,]+)/.exec(headers.authorization ?? "")?.[1] ?? params.AccessKeyId ?? "";

/** Lists of the API are objects with one member, `{ "Tag": [ … ] }`; an empty one is written in the way that is chosen. */
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
