import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { startEmulator } from "../../emulator";

const built = path.resolve(__dirname, "../../dist/provider/ecs/send.js");

it.each(["*", "httpx:*", "httpx:header,httpx:body"])(
  "DEBUG=%s, with which the HTTP library prints its requests, discloses no token",
  async (DEBUG) => {
    const keys = { accessKeyId: "STS.canary-id", accessKeySecret: "canary-secret", securityToken: "canary-token" };
    const emulator = await startEmulator({ credentials: [keys] });
    const call = `
    const { send } = require(${JSON.stringify(built)});
    const endpoint = { protocol: "HTTP", host: ${JSON.stringify(emulator.endpoint.replace("http://", ""))} };
    send({ version: "2014-05-26", endpoint, callTimeoutMs: 5000 }, "DescribeRegions", {}, ${JSON.stringify(keys)})
      .then(({ is }) => console.log(is));`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", call], {
      env: { ...process.env, DEBUG },
    });
    await emulator.close();
    expect(stdout).toContain("answered");
    expect(stdout + stderr).not.toMatch(/canary/);
  },
);
