import { timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../http/message";
import type { Claim } from "./claim";
import { parametersOf, type Target } from "./request";
import { claimOfV1Header, claimOfV1Url } from "./signature-v1";
import { claimOfV4Header, claimOfV4Url } from "./signature-v4";

/** Undefined if the request is not signed. A string if the signature has an error, which the string describes. */
export function claimOf(request: HttpRequest, target: Target): Claim | string | undefined {
  const parameters = parametersOf(request.query);
  const value = (name: string) => parameters.find(([n]) => n === name)?.[1];
  const authorization = request.headers.authorization;
  const inQuery =
    value("x-oss-signature-version") !== undefined ||
    value("Signature") !== undefined ||
    value("OSSAccessKeyId") !== undefined;

  if (authorization !== undefined && inQuery) return "Signature in the header and in the query string of one request";
  if (authorization?.startsWith("OSS4-HMAC-SHA256 "))
    return claimOfV4Header(request, target, parameters, authorization);
  if (authorization?.startsWith("OSS ")) return claimOfV1Header(request, target, parameters, authorization);
  if (authorization !== undefined) return "Authorization header is invalid.";
  if (value("x-oss-signature-version") !== undefined) return claimOfV4Url(request, target, parameters, value);
  return inQuery ? claimOfV1Url(request, target, parameters, value) : undefined;
}

export const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
