import type { HttpRequest, Outcome } from "../http/message";
import type { ApiError } from "../request/api-error";
import type { Emulation } from "../request/emulation";
import type { Credential } from "../world/credential";
import { bucketOperations } from "./buckets";
import type { Claim } from "./claim";
import { listingOperations } from "./listing";
import { multipartOperations } from "./multipart";
import { objectOperations } from "./objects";
import { type Operation, permissionsOf } from "./operation";
import { ossRefusal, refusalAnswer } from "./refusal";
import { type Parameter, parametersOf, type Target, targetOf } from "./request";
import { claimOf, isSame } from "./signature";

/** How far a client's clock may differ from OSS's. */
const SKEW_MS = 15 * 60_000;

export const operations: readonly Operation[] = [
  ...multipartOperations,
  ...objectOperations,
  ...bucketOperations,
  ...listingOperations,
];

/** Parameters that sign a request, and are not part of what it asks. */
const SIGNING = new RegExp(
  "^(x-oss-(signature|signature-version|credential|date|expires|additional-headers|security-token)|" +
    "Signature|Expires|OSSAccessKeyId|security-token)$",
);

/** Answers a request to OSS. */
export function handleOss(request: HttpRequest, emulation: Emulation): Promise<Outcome> {
  const target = targetOf(request);
  const parameters = parametersOf(request.query).filter(([name]) => !SIGNING.test(name));
  const operation = operationFor(
    request,
    target,
    parameters.map(([name]) => name),
  );
  const claim = claimOf(request, target);
  return emulation.dispatch({
    action: operation?.name ?? notEmulated(request, parameters),
    params: {
      ...(target.bucket ? { bucket: target.bucket } : {}),
      ...(target.key ? { key: target.key } : {}),
      ...Object.fromEntries(parameters),
    },
    accessKeyId: typeof claim === "object" ? claim.accessKeyId : "",
    regionId: regionOf(request, claim) ?? "cn-hangzhou",
    authenticate: () => authenticate(claim, emulation),
    permissions: () => (operation ? permissionsOf(operation, target) : []),
    work: (context) => {
      if (!operation)
        throw ossRefusal(
          "NotImplemented/emulator",
          `Not emulated: ${notEmulated(request, parameters)}; the emulator answers these of OSS: ` +
            `${operations.map(({ name }) => name).join(", ")}.`,
        );
      return operation.answer({ ...target, request, parameters, world: context.world, context });
    },
    refuse: (error: ApiError, requestId: string) => refusalAnswer(error, requestId, request),
  });
}

function operationFor(
  { method, headers }: HttpRequest,
  { bucket, key }: Target,
  parameterNames: readonly string[],
): Operation | undefined {
  const on = !bucket ? "service" : !key ? "bucket" : "object";
  const fitting = operations.filter((operation) => operation.method === method && operation.on === on);
  const found =
    fitting.find(({ marked }) => marked !== undefined && parameterNames.includes(marked)) ??
    fitting.find(({ header }) => header !== undefined && headers[header] !== undefined);
  // A parameter such as `acl` makes it another operation, not the plain one.
  const isOther = parameterNames.some((name) => OTHER_OPERATIONS.has(name));
  return found ?? (isOther ? undefined : fitting.find(({ marked, header }) => !marked && !header));
}

/** Parameters that each name another operation. */
const OTHER_OPERATIONS: ReadonlySet<string> = new Set(
  `accessmonitor acl append asyncFetch bucketInfo cname cors delete encryption https inventory lifecycle live
  location logging metaQuery objectMeta policy policyStatus publicAccessBlock qosInfo referer regionList
  replication replicationLocation replicationProgress requestPayment resourceGroup restore rtc stat style
  symlink tagging transferAcceleration uploadId uploads versioning versions vod website worm x-oss-process`.split(
    /\s+/,
  ),
);

/** The operation in the words of the request: `PUT ?acl`. */
function notEmulated({ method }: HttpRequest, parameters: readonly Parameter[]): string {
  const marks = parameters.map(([name]) => name).filter((name) => OTHER_OPERATIONS.has(name));
  return marks.length > 0 ? `${method} ?${marks.join("&")}` : `${method} of OSS`;
}

/** A new bucket is created in the region of the endpoint. If the endpoint does not name one, the signature does. */
function regionOf({ hostname }: HttpRequest, claim: ReturnType<typeof claimOf>): string | undefined {
  const inHost = /(?:^|\.)oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(hostname)?.[1];
  return inHost ?? (typeof claim === "object" ? claim.regionId : undefined);
}

function authenticate(claim: Claim | string | undefined, { credentials, clock }: Emulation): Credential {
  if (claim === undefined) throw ossRefusal("AccessDenied");
  if (typeof claim === "string")
    throw ossRefusal(/^Query-string/.test(claim) ? "AccessDenied/url-incomplete" : "InvalidArgument", claim);
  // Clients sign with the system's time, not with a clock that a test advances.
  const wallMs = Date.now();
  if (claim.expiresAtMs !== undefined && !(claim.expiresAtMs > wallMs)) throw ossRefusal("AccessDenied/url-expired");
  if (claim.signedAtMs !== undefined && !(Math.abs(claim.signedAtMs - wallMs) <= SKEW_MS))
    throw ossRefusal("RequestTimeTooSkewed");

  const credential = credentials.get(claim.accessKeyId);
  if (!credential)
    throw ossRefusal(claim.securityToken ? "InvalidAccessKeyId/token" : "InvalidAccessKeyId", "", {
      OSSAccessKeyId: claim.accessKeyId,
    });
  if ((credential.securityToken ?? "") !== (claim.securityToken ?? "")) throw ossRefusal("InvalidSecurityToken");
  if (credential.expiresAtMs !== undefined && credential.expiresAtMs <= clock.now())
    throw ossRefusal("SecurityTokenExpired");

  const { stringToSign, signature } = claim.expected(credential.accessKeySecret);
  if (!isSame(signature, claim.signature)) {
    throw ossRefusal("SignatureDoesNotMatch", "", {
      OSSAccessKeyId: claim.accessKeyId,
      SignatureProvided: claim.signature,
      StringToSign: stringToSign,
    });
  }
  return credential;
}
