import type { Emulation } from "./emulation";
import type { HttpRequest, Outcome } from "./http-message";

export const isRpc = (_request: HttpRequest): boolean => true;
export async function handleRpc(_request: HttpRequest, _emulation: Emulation): Promise<Outcome> {
  throw new Error("not yet");
}
