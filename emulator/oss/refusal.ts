import type { HttpAnswer, HttpRequest } from "../http/message";
import { xmlDocument } from "../http/xml";
import { ApiError } from "../request/api-error";
import { type OssCode, ossCodes } from "./codes";
import { requestIdHeaders } from "./request";

/**
 * The refusal with that name in OSS's table. `said` fills the `%s` of its message; `more` has more elements for its
 * body.
 */
export function ossRefusal(name: OssCode, said = "", more: Record<string, string> = {}): ApiError {
  const row: { status: number; message: string; ec?: string } = ossCodes[name];
  // A name may have a suffix such as `/url-expired` where one code has several messages. It is not sent.
  return new ApiError(row.status, name.split("/")[0]!, row.message.replace("%s", said), {
    ...(row.ec ? { EC: row.ec } : {}),
    ...more,
  });
}

/** OSS's code for each refusal of the parts that are shared with ECS. */
const SAID_BY_ECS: Readonly<Record<string, OssCode>> = {
  "Forbidden.RAM": "AccessDenied",
  "Throttling.User": "QpsLimitExceeded",
};

/** The error in XML. The answer to a HEAD has no body; a header has it in base64. */
export function refusalAnswer(error: ApiError, requestId: string, request: HttpRequest): HttpAnswer {
  const known = SAID_BY_ECS[error.code];
  const { status, code, message, extra } = known ? ossRefusal(known) : error;
  const body = xmlDocument("Error", {
    Code: code,
    Message: message,
    RequestId: requestIdHeaders(requestId)["x-oss-request-id"],
    HostId: request.hostname,
    ...extra,
  });
  const headers = {
    ...requestIdHeaders(requestId),
    "content-type": "application/xml",
    ...(typeof extra.EC === "string" ? { "x-oss-ec": extra.EC } : {}),
  };
  if (status === 304) return { status, headers: requestIdHeaders(requestId), body: "" };
  return request.method === "HEAD"
    ? { status, headers: { ...headers, "x-oss-err": Buffer.from(body).toString("base64") }, body: "" }
    : { status, headers, body };
}
