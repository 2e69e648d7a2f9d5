import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

// The two programs that pipelines run to exchange tokens, against test servers in the place of GitHub and STS.

const folder = path.resolve(__dirname, "../../gitops");
let place: string;
let server: Server;
let endpoint: string;
let asked: { url: string; authorization: string | undefined; body: string }[];
let answer: { status: number; body: object };

beforeEach(async () => {
  place = mkdtempSync(path.join(tmpdir(), "tokens-"));
  asked = [];
  server = createServer(async (request: IncomingMessage, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    asked.push({ url: request.url!, authorization: request.headers.authorization, body });
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(place, { recursive: true });
});

const run = async (program: string, args: string[], env: Record<string, string>) => {
  const options = { cwd: place, env: { PATH: process.env["PATH"]!, ...env } };
  const ended = await promisify(execFile)(process.execPath, [path.join(folder, program), ...args], options).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code: "code" in ended ? ended.code : 0, stdout: ended.stdout, stderr: ended.stderr };
};

describe("github/oidc-token.mjs", () => {
  const github = () => ({
    ACTIONS_ID_TOKEN_REQUEST_URL: `${endpoint}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request",
  });

  test("writes the job's token for Alibaba Cloud to a file that only its owner can read", async () => {
    answer = { status: 200, body: { value: "a.jwt.token" } };
    expect(await run("github/oidc-token.mjs", ["token"], github())).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(asked).toEqual([
      { url: "/token?api-version=2&audience=sts.aliyuncs.com", authorization: "bearer request", body: "" },
    ]);
    expect(readFileSync(path.join(place, "token"), "utf8")).toBe("a.jwt.token");
  });

  test("names the permission that a job lacks, and writes nothing", async () => {
    const { code, stderr } = await run("github/oidc-token.mjs", ["token"], {});
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "oidc-token: this is not a GitHub Actions job with the permission id-token: write\n",
    });
    expect(existsSync(path.join(place, "token"))).toBe(false);
  });

  test("reports GitHub's answer when it refuses", async () => {
    answer = { status: 403, body: {} };
    const { code, stderr } = await run("github/oidc-token.mjs", ["token"], github());
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "oidc-token: GitHub answered 403 to the request for an OIDC token\n",
    });
  });
});

describe("oss-state-credentials.mjs", () => {
  const oidc = () => {
    writeFileSync(path.join(place, "token"), "a.jwt.token\n");
    return {
      ALIBABA_CLOUD_ENDPOINT_STS: endpoint,
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1:role/builder",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1:oidc-provider/github",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "token",
    };
  };

  test("prints the session that STS gives for the token, in the format of credential_process", async () => {
    const Expiration = "2026-01-01T01:00:00Z";
    const session = { AccessKeyId: "STS.id", AccessKeySecret: "secret", SecurityToken: "session" };
    answer = { status: 200, body: { Credentials: { ...session, Expiration } } };
    const { code, stdout } = await run("oss-state-credentials.mjs", [], oidc());
    expect({ code, printed: JSON.parse(stdout) }).toEqual({
      code: 0,
      printed: {
        Version: 1,
        AccessKeyId: "STS.id",
        SecretAccessKey: "secret",
        SessionToken: "session",
        Expiration,
      },
    });
    expect(new URLSearchParams(asked[0]!.body).get("OIDCToken")).toBe("a.jwt.token");
  });

  test("says why STS refused, with its RequestId and without the token", async () => {
    answer = {
      status: 400,
      body: { Code: "AuthenticationFail.OIDCToken.Expired", Message: "It is expired.", RequestId: "R-1" },
    };
    const { code, stdout, stderr } = await run("oss-state-credentials.mjs", [], oidc());
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "oss-state-credentials: STS refused AssumeRoleWithOIDC: AuthenticationFail.OIDCToken.Expired: It is " +
        "expired. (RequestId R-1)\n",
    });
  });

  test("prints the keys of the environment if no role is named", async () => {
    const { stdout } = await run("oss-state-credentials.mjs", [], {
      ALICLOUD_ACCESS_KEY: "id",
      ALICLOUD_SECRET_KEY: "secret",
    });
    expect(JSON.parse(stdout)).toEqual({ Version: 1, AccessKeyId: "id", SecretAccessKey: "secret" });
  });

  test("names the variable that is missing", async () => {
    const { ALIBABA_CLOUD_OIDC_TOKEN_FILE: _, ...rest } = oidc();
    expect(await run("oss-state-credentials.mjs", [], rest)).toMatchObject({
      code: 1,
      stderr: "oss-state-credentials: ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set\n",
    });
  });
});
