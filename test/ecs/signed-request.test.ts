import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import ts from "typescript";

// A project may have several copies of the library by which Alibaba's client sends. It must send by none of them.

const root = path.resolve(__dirname, "../..");
const library = (name: string) => path.dirname(require.resolve(`${name}/package.json`));
const run = promisify(execFile);

let project: string;
let server: Server;
let seen: (string | undefined)[];
beforeEach(async () => {
  project = mkdtempSync(path.join(tmpdir(), "copies-"));
  cpSync(library("@alicloud/openapi-client"), inProject("@alicloud/openapi-client"), { recursive: true });
  const source = readFileSync(path.join(root, "provider/ecs/signed-request.ts"), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: 9 } });
  writeFileSync(path.join(project, "signed-request.js"), outputText);
  seen = [];
  server = createServer((request, response) => {
    seen.push(request.url);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.close();
  rmSync(project, { recursive: true, force: true });
});

const inProject = (name: string) => path.join(project, "node_modules", name);

/** Another copy of the library, in a folder of its own. */
function copyTo(folder: string): string {
  const place = path.join(folder, "node_modules/@alicloud/tea-typescript");
  mkdirSync(path.dirname(place), { recursive: true });
  cpSync(library("@alicloud/tea-typescript"), place, { recursive: true });
  return place;
}

/** Signs a request in a process of its own, and tells how that ended. */
async function signed(): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const unsigned = {
    version: "2014-05-26",
    endpoint: { protocol: "HTTP", host: `127.0.0.1:${port}` },
    action: "DescribeImages",
    parameters: { RegionId: "cn-hangzhou" },
    inBody: false,
    keys: { accessKeyId: "id", accessKeySecret: "secret" },
  };
  const script = `require("./signed-request.js").signedRequest(${JSON.stringify(unsigned)})
    .then(({ url, headers }) => console.log("signed", url.search, headers.authorization ?? headers.Authorization))
    .catch(({ message }) => console.log("refused", message));`;
  const env = { ...process.env, NODE_PATH: path.join(root, "node_modules") };
  return (await run(process.execPath, ["-e", script], { cwd: project, env })).stdout;
}

it("signs, and sends nothing, if the client has its own copy of the sending library", async () => {
  copyTo(inProject("@alicloud/openapi-client"));
  expect(await signed()).toMatch(/^signed .*RegionId=cn-hangzhou/);
  expect(seen).toEqual([]);
});

it("signs nothing and sends nothing if the client's copy of the library cannot be found", async () => {
  const hidden = copyTo(path.join(project, "hidden"));
  const file = path.join(inProject("@alicloud/openapi-client"), "dist/client.js");
  const text = readFileSync(file, "utf8").replaceAll('"@alicloud/tea-typescript"', JSON.stringify(hidden));
  writeFileSync(file, text);
  expect(await signed()).toMatch(/^refused .*nothing was sent/);
  expect(seen).toEqual([]);
});
