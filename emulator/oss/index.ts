import type { Emulation } from "../emulation";
import type { HttpRequest, Outcome } from "../http-message";

export async function handleOss(_request: HttpRequest, _emulation: Emulation): Promise<Outcome> {
  return { answer: { status: 501, headers: {}, body: "" } };
}
