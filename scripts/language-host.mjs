// What runs a program file for the engine where Pulumi's Node.js language host is not installed. The engine alone can be built from
// its Go module; the language host cannot. It does what that one does for a program: start @pulumi/pulumi/cmd/run in the program's folder
// (pulumi/pulumi, sdk/nodejs/cmd/pulumi-language-nodejs/main.go: constructArguments, execNodejs).
//   node scripts/language-host.mjs     prints its address, for pulumi up --client=<address>
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** @returns {Promise<{ address: string, close: () => void }>} */
export async function serveLanguageHost() {
  const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");
  const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");
  const { GetRequiredPackagesResponse, RunResponse } = require("@pulumi/pulumi/proto/language_pb");
  const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");

  const server = new grpc.Server();
  server.addService(LanguageRuntimeService, {
    getRequiredPackages: (_call, answer) => answer(null, new GetRequiredPackagesResponse()),
    getPluginInfo: (_call, answer) => answer(null, new PluginInfo()),
    run: ({ request }, answer) =>
      void runProgram(request).then((code) => {
        const response = new RunResponse();
        if (code === ALREADY_TOLD) response.setBail(true);
        else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
        answer(null, response);
      }),
  });
  const port = await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** With this exit code the program's process says that it has shown its error itself. */
const ALREADY_TOLD = 32;

function runProgram(request) {
  const info = request.getInfo();
  const folder = info.getProgramDirectory();
  const { typescript = true } = info.getOptions()?.toJavaScript() ?? {};
  const args = Object.entries({
    monitor: request.getMonitorAddress(),
    engine: request.getArgsList()[0],
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: folder,
    parallel: request.getParallel(),
    "query-mode": request.getQuerymode(),
  }).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`--${name}`, String(value)]));
  const configured = request
    .getConfigMap()
    .toObject()
    .map(([key, value]) => [key.replace(":", ":config:"), value]);

  const child = spawn(
    process.execPath,
    [
      createRequire(`${folder}/`).resolve("@pulumi/pulumi/cmd/run"),
      ...args,
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint(),
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(configured)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      },
    },
  );
  return new Promise((resolve) => child.on("close", resolve).on("error", () => resolve(1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const host = await serveLanguageHost();
  console.log(host.address);
  process.stdin.resume().on("end", () => process.exit()); // ends with whoever started it
}
