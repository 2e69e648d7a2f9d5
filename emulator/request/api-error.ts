import { type Code, codes } from "../codes";

/** A refusal of the API. Any check may throw it. */
export class ApiError extends Error {
  /** Headers of the answer, in addition to the usual ones. */
  headers: Record<string, string> = {};

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** More documented members of the error body, such as `AccessDeniedDetail`. */
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The refusal with that name in the table of codes. `values` fill the `%s` of its message in order. */
export function refusal(name: Code, ...values: (string | number)[]): ApiError {
  const { status, message } = codes[name] as { status: number; message: string };
  const rest = [...values];
  // A name may have a suffix such as `/copy` where one code has several messages. It is not sent.
  return new ApiError(
    status,
    name.split("/")[0] as string,
    message.replace(/%s/g, () => String(rest.shift() ?? "")),
  );
}
