import { type Code, codes } from "../codes";

/** A refusal of the API; thrown by whatever finds the reason for it. */
export class ApiError extends Error {
  /** Sent with the answer, besides those that every answer has. */
  headers: Record<string, string> = {};

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further documented members of the error body, such as `AccessDeniedDetail`. */
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The refusal of that name in the table of codes; `values` fill the `%s` of its message in turn. */
export function refusal(name: Code, ...values: (string | number)[]): ApiError {
  const { status, message } = codes[name] as { status: number; message: string };
  const rest = [...values];
  // A name may end in `/reading` where one code has several messages; only the part before it is sent.
  return new ApiError(
    status,
    name.split("/")[0] as string,
    message.replace(/%s/g, () => String(rest.shift() ?? "")),
  );
}
