import type { HttpAnswer, HttpRequest } from "../http/message";
import { forgetImage } from "../images/own-image";
import type { Call, InjectedFault } from "../request/emulation";
import { accountsIn } from "../world/accounts";
import type { ImageRecord, World } from "../world/world";
import { callsDocument, worldDocument } from "./document";
import { injectedFault, scenarioIn } from "./orders";
import { page } from "./page";

/** What the page and scripts can do with a running emulator. The object of `startEmulator` can do all of it, too. */
export interface Controlled {
  readonly world: World;
  readonly calls: readonly Call[];
  now(): number;
  advance(ms: number): Promise<void>;
  inject(fault: InjectedFault): void;
  readonly faults: readonly InjectedFault[];
  reset(): void;
}

/**
 * Answers a request for the emulator itself: its page, health, documents and controls. Undefined for a request to ECS,
 * STS or OSS.
 */
export function handleControl(request: HttpRequest, emulator: Controlled): Promise<HttpAnswer> | undefined {
  const { method, path, headers, query } = request;
  if (path.startsWith("/_emulator/"))
    return method === "POST" ? control(request, emulator) : document(request, emulator);
  const isSigned = headers.authorization !== undefined || /(^|&)(Signature|x-oss-signature|AccessKeyId)=/.test(query);
  if (isSigned || (method !== "GET" && method !== "HEAD")) return undefined;
  if (path === "/health") return Promise.resolve(json(200, { status: "ok", endpoint: headers.host ?? "" }));
  return path === "/" && query === "" && headers.accept?.includes("text/html")
    ? Promise.resolve(html(page()))
    : undefined;
}

const json = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { "content-type": "application/json;charset=utf-8", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

const html = (body: string): HttpAnswer => ({
  status: 200,
  headers: {
    "content-type": "text/html;charset=utf-8",
    "content-security-policy":
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:",
  },
  body,
});

const documents = ["/_emulator/world.json", "/_emulator/calls.json"];

async function document({ path, query }: HttpRequest, emulator: Controlled): Promise<HttpAnswer> {
  if (path === documents[0]) return json(200, worldDocument(emulator.world, emulator.now(), emulator.faults));
  if (path === documents[1])
    return json(200, callsDocument(emulator.calls, Number(new URLSearchParams(query).get("since") ?? 0) || 0));
  return json(404, {
    error: `There is no ${path}: there are ${documents.join(", ")}, and by POST ${controls.join(", ")}.`,
  });
}

type Body = Record<string, unknown>;
const actions: Record<string, (body: Body, emulator: Controlled) => Promise<void> | void> = {
  "/_emulator/advance": ({ ms }, emulator) => {
    if (typeof ms !== "number" || !(ms >= 0)) throw new TypeError("ms must be a number of milliseconds.");
    return emulator.advance(ms);
  },
  "/_emulator/drift": (body, { world }) => drift(world, body),
  "/_emulator/delete": ({ imageId }, emulator) => {
    const { world, image } = ownImage(emulator.world, imageId);
    forgetImage(world, image, emulator.now());
  },
  "/_emulator/inject": (body, emulator) => emulator.inject(injectedFault(body)),
  "/_emulator/scenario": (body, { world }) => void world.scenarios.push(scenarioIn(body)),
  "/_emulator/reset": (_body, emulator) => emulator.reset(),
};
const controls = Object.keys(actions);

/**
 * Only programs and the emulator's own page may control it. A browser does not let other pages send JSON here without a
 * preflight request, which is never answered.
 */
const isForeign = ({ headers }: HttpRequest): boolean =>
  !headers["content-type"]?.startsWith("application/json") ||
  (headers.origin !== undefined && headers.origin !== `http://${headers.host}`);

async function control(request: HttpRequest, emulator: Controlled): Promise<HttpAnswer> {
  const act = actions[request.path];
  if (!act) return json(404, { error: `There is no ${request.path}. There are ${controls.join(", ")}.` });
  if (isForeign(request)) return json(403, { error: "Send application/json, and not from another page." });
  try {
    await act(JSON.parse(request.body.toString("utf8") || "{}") as Body, emulator);
    return json(200, {});
  } catch (error) {
    return json(400, { error: (error as Error).message });
  }
}

/**
 * Changes an image as somebody would by hand: `{ "imageId": "m-1", "description": "…", "tags": { "team": "other" } }`.
 * A tag that is null is removed.
 */
function drift(cloud: World, { imageId, description, imageName, tags = {}, ...others }: Body): void {
  const [stranger] = Object.keys(others);
  if (stranger !== undefined)
    throw new TypeError(`${stranger} is not known here: there are imageId, description, imageName, tags.`);
  const { image } = ownImage(cloud, imageId);
  if (description !== undefined) image.description = String(description);
  if (imageName !== undefined) image.imageName = String(imageName);
  for (const [key, value] of Object.entries(tags as Body))
    if (value === null) image.tags.delete(key);
    else image.tags.set(key, String(value));
}

function ownImage(cloud: World, imageId: unknown): { world: World; image: ImageRecord } {
  for (const world of accountsIn(cloud)) {
    const image = world.images.get(String(imageId));
    if (image?.owner === "self") return { world, image };
  }
  throw new TypeError(`There is no custom image ${String(imageId)}.`);
}
