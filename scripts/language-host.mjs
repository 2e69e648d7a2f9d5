// Runs program files for the engine where Pulumi's Node.js language host is not installed: the engine alone can be
// built from its Go module, the language host cannot. It does what Pulumi's does (pulumi/pulumi,
// sdk/nodejs/cmd/pulumi-language-nodejs/main.go: constructArguments, execNodejs, RunPlugin). For a program, it starts
// @pulumi/pulumi/cmd/run in the program's folder. For a plugin with a PulumiPlugin.yaml, it starts
// @pulumi/pulumi/cmd/run-plugin without a standard input, and kills it when the engine ends the call. It installs
// nothing for a plugin.
//   node scripts/language-host.mjs     prints its address, for pulumi up --client=<address>, or
//     PULUMI_DEBUG_LANGUAGES=nodejs:<port>
//   node scripts/language-host.mjs pulumi up    runs the engine with it: programs get the environment of this process
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** @returns {Promise<{ address: string, close: () => void }>} */
export async function serveLanguageHost() {
  const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");
  const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");
  const proto = require("@pulumi/pulumi/proto/language_pb");
  const { GetRequiredPackagesResponse, RunResponse, RuntimeOptionsResponse } = proto;
  const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");

  let engine; // an engine that finds this host by PULUMI_DEBUG_LANGUAGES gives its address in the handshake
  const server = new grpc.Server();
  server.addService(LanguageRuntimeService, {
    getRequiredPackages: (_call, answer) => answer(null, new GetRequiredPackagesResponse()),
    getPluginInfo: (_call, answer) => answer(null, new PluginInfo()),
    handshake({ request }, answer) {
      engine = request.getEngineAddress();
      answer(null, new proto.LanguageHandshakeResponse());
    },
    runtimeOptionsPrompts: (_call, answer) => answer(null, new RuntimeOptionsResponse()),
    installDependencies: (call) => call.end(),
    runPlugin: (call) => runPlugin(call, proto.RunPluginResponse),
    run: ({ request }, answer) =>
      void runProgram(request, request.getArgsList()[0] ?? engine).then((code) => {
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

/** The program's process exits with this code when it has printed its error itself. */
const ALREADY_TOLD = 32;

function runProgram(request, engine) {
  const folder = request.getInfo().getProgramDirectory();
  const has = (file) => existsSync(path.join(folder, file));
  const start = has("go.mod") ? goProgram : has("__main__.py") ? pythonProgram : nodeProgram;
  const child = start(request, folder, engine);
  return new Promise((resolve) => child.on("close", resolve).on("error", () => resolve(1)));
}

const configOf = (request, key) =>
  JSON.stringify(
    Object.fromEntries(
      request
        .getConfigMap()
        .toObject()
        .map(([name, value]) => [key(name), value]),
    ),
  );

function nodeProgram(request, folder, engine) {
  const info = request.getInfo();
  const { typescript = true } = info.getOptions()?.toJavaScript() ?? {};
  const args = Object.entries({
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: folder,
    parallel: request.getParallel(),
    "query-mode": request.getQuerymode(),
  }).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`--${name}`, String(value)]));

  return spawn(
    process.env.PROGRAM_RUNTIME ?? process.execPath, // Bun, for example
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
        PULUMI_CONFIG: configOf(request, (name) => name.replace(":", ":config:")),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      },
    },
  );
}

/**
 * A Go program reads its settings from the environment (pulumi/pulumi, sdk/go/pulumi-language-go/main.go:
 * constructEnv).
 */
function goProgram(request, folder, engine) {
  return spawn("go", ["run", "-mod=mod", "."], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_ORGANIZATION: request.getOrganization(),
      PULUMI_PROJECT: request.getProject(),
      PULUMI_STACK: request.getStack(),
      PULUMI_CONFIG: configOf(request, (name) => name),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_DRY_RUN: String(request.getDryrun()),
      PULUMI_PARALLEL: String(request.getParallel()),
      PULUMI_MONITOR: request.getMonitorAddress(),
      PULUMI_ENGINE: engine,
    },
  });
}

/** A Python program runs in the virtual environment that its project names. */
function pythonProgram(request, folder, engine) {
  const { virtualenv = "venv" } = request.getInfo().getOptions()?.toJavaScript() ?? {};
  const settings = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    parallel: request.getParallel(),
    dry_run: request.getDryrun(),
    root_directory: folder,
  };
  const script = path.join(path.dirname(fileURLToPath(import.meta.url)), "language-host.py");
  return spawn(path.join(folder, virtualenv, "bin/python"), [script], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_RUN: JSON.stringify(settings),
      PULUMI_CONFIG: configOf(request, (name) => name),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
}

function runPlugin(call, RunPluginResponse) {
  const { request } = call;
  const folder = request.getInfo().getProgramDirectory();
  const isPolicyPack = request.getKind() === "analyzer";
  const runner = isPolicyPack ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin";
  const args = isPolicyPack ? [...request.getArgsList(), folder] : [folder, ...request.getArgsList()];
  const child = spawn(process.execPath, [createRequire(`${folder}/`).resolve(runner), ...args], {
    cwd: isPolicyPack ? folder : request.getPwd(), // a pack reads its package.json from there
    stdio: ["ignore", "pipe", "pipe"],
    env: Object.fromEntries(request.getEnvList().map((entry) => entry.split(/=(.*)/s, 2))),
  });
  child.stdout.on("data", (text) => call.write(new RunPluginResponse().setStdout(text)));
  child.stderr.on("data", (text) => call.write(new RunPluginResponse().setStderr(text)));
  call.on("cancelled", () => child.kill("SIGKILL"));
  child.on("close", (code) => {
    call.write(new RunPluginResponse().setExitcode(code ?? 1));
    call.end();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const host = await serveLanguageHost();
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) {
    console.log(host.address);
    process.stdin.resume().on("end", () => process.exit()); // ends with its parent
  } else {
    const engine = spawn(command, [...args, `--client=${host.address}`], { stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => engine.kill(signal));
    engine.on("close", (code) => process.exit(code ?? 1));
  }
}
