import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type Emulator, seeds, startEmulator } from "pulumi-alicloud-image/emulator";
import { parse } from "yaml";
import { nightly } from "../support/sample";
import { openPipeline, type Pipeline } from "./pipeline";
import { repository } from "./support";

// The shell commands of the pipelines that users copy, taken from the files and run on the real engine.

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

interface Step {
  readonly name?: string;
  readonly run?: string;
}
/** What a step of a GitHub workflow runs. */
function github(file: string, step: string): string {
  const { jobs } = parse(read(`gitops/github/${file}`)) as { jobs: Record<string, { steps: Step[] }> };
  return Object.values(jobs)[0]!.steps.find(({ name }) => name === step)!.run!;
}
/** What a job of the GitLab pipeline runs. */
const gitlab = (job: string): string => {
  const jobs = parse(read("gitops/gitlab/.gitlab-ci.yml")) as Record<string, { script: string[] }>;
  return jobs[job]!.script.join("\n");
};
const afterAKill = /```sh\n([^`]*)```/.exec(read("docs/killed-jobs.md"))![1]!;

const variables = { STACK: "prod", PULL_REQUEST: "7", GH_TOKEN: "token" };
const merge = {
  ...variables,
  GITLAB_TOKEN: "token",
  CI_API_V4_URL: "https://gitlab.example/api/v4",
  CI_PROJECT_ID: "1",
  CI_MERGE_REQUEST_IID: "7",
};

let emulator: Emulator;
let pipeline: Pipeline;
beforeEach(async () => {
  emulator = await startEmulator({ durations: { createMs: 500 } });
  pipeline = await openPipeline(emulator);
  await succeeding(`pulumi config set instanceId ${seeds.instanceId}`);
});
afterEach(async () => {
  pipeline.close();
  await emulator.close();
});

async function succeeding(script: string, env: Record<string, string> = variables) {
  const { code, stdout, stderr } = await pipeline.run(script, env);
  if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
const custom = () => [...emulator.world.images.keys()].filter((id) => id.startsWith("m-"));

/** Kills the engine as soon as the cloud has begun to make an image. */
async function killedUp() {
  emulator.intercept = (call, phase) => {
    if (call.action !== "CreateImage" || phase !== "after") return undefined;
    emulator.intercept = undefined;
    pipeline.killEngine();
    return { kind: "reset" };
  };
  const { code } = await pipeline.run(github("up.yml", "Up"), variables);
  expect({ code, images: custom() }).toEqual({ code: null, images: [expect.any(String)] });
}

test("GitHub: a preview is commented, up builds, and the night reports nothing, then a drift", async () => {
  await succeeding(github("preview.yml", "Preview"));
  await succeeding(github("preview.yml", "Comment on the pull request"));
  const [[, , number, ...flags]] = pipeline.callsOf("gh") as [string[]];
  expect([number, ...flags]).toEqual(["7", "--edit-last", "--create-if-none", "--body-file", "comment.md"]);
  const comment = readFileSync(path.join(pipeline.folder, "comment.md"), "utf8");
  expect(comment).toMatch(
    /^### Preview of the stack prod\n```\n[\s\S]*alicloud-image:CustomImage: \(create\)[\s\S]*\n```\n$/,
  );
  expect(custom()).toEqual([]);

  await succeeding(github("up.yml", "Up"));
  const [imageId] = custom();
  expect(imageId).toBeDefined();

  await succeeding(github("nightly.yml", "Refresh"));
  await succeeding(github("nightly.yml", "Look for orphans"));
  expect(
    pipeline
      .callsOf("gh")
      .map(([, , ...words]) => words)
      .slice(1),
  ).toEqual([["--label", "orphaned-images", "--state", "open", "--json", "number", "--jq", ".[0].number // empty"]]);
  expect(custom()).toEqual([imageId]);

  emulator.world.images.get(imageId!)!.tags.set("team", "another");
  const { code, stderr, stdout } = await pipeline.run(github("nightly.yml", "Refresh"), variables);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("no changes were expected");
});

nightly("GitHub: the night opens an issue for an image that a killed run left", async () => {
  await killedUp();
  const { code } = await pipeline.run(github("nightly.yml", "Look for orphans"), variables);
  expect(code).toBe(0);
  expect(pipeline.callsOf("gh").map((words) => words.slice(0, 2).join(" "))).toEqual([
    "issue list",
    "label create",
    "issue create",
  ]);
  expect(readFileSync(path.join(pipeline.folder, "issue.md"), "utf8")).toContain(custom()[0]);
});

nightly("GitLab: a preview is commented on the merge request, up builds, and the night leaves a report", async () => {
  await succeeding(gitlab("preview"), merge);
  expect(pipeline.callsOf("curl")[0]).toEqual(
    expect.arrayContaining(["body@comment.md", "https://gitlab.example/api/v4/projects/1/merge_requests/7/notes"]),
  );
  expect(readFileSync(path.join(pipeline.folder, "comment.md"), "utf8")).toContain("CustomImage: (create)");
  await succeeding(gitlab("up"));
  expect(custom()).toHaveLength(1);
  await succeeding(gitlab("nightly"));
  expect(readFileSync(path.join(pipeline.folder, "orphans.txt"), "utf8")).toContain("images");
});

const recoveries: [whose: string, commands: string][] = [
  ["GitHub's recover", github("up.yml", "Recover")],
  ["the page on killed jobs", afterAKill],
];
nightly.each(recoveries)(
  "after a killed up, the commands of %s leave one image, in the state, without warnings",
  async (_whose, commands) => {
    await killedUp();
    const begun = custom();
    expect((await pipeline.run(github("up.yml", "Up"), variables)).stderr).toContain("locked");

    await succeeding(commands); // the last one succeeds only where nothing is orphaned
    expect(custom()).toEqual(begun);
    expect(await succeeding("pulumi stack output imageId")).toBe(`${begun[0]}\n`);
    expect(await succeeding("pulumi up --yes --skip-preview --expect-no-changes")).not.toContain("pending operations");
  },
);

test("GitLab recovers with the commands that GitHub recovers with", () => {
  expect(gitlab("recover")).toBe(github("up.yml", "Recover").trim());
});

describe("a state in OSS", () => {
  interface Asked {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly key: string | undefined;
    readonly token: string | undefined;
  }
  const asked: Asked[] = [];
  let exchanged: URLSearchParams | undefined;
  let server: Server;

  /** STS's AssumeRoleWithOIDC, and as much of S3 as a login needs. */
  beforeEach(async () => {
    const objects = new Map<string, Buffer>();
    server = createServer(async (request, response) => {
      const { method = "", headers, url = "" } = request;
      const body = Buffer.concat(await request.toArray());
      if (method === "POST") {
        exchanged = new URLSearchParams(body.toString());
        const Expiration = new Date(Date.now() + 3_600_000).toISOString();
        const Credentials = {
          AccessKeyId: "STS.session",
          AccessKeySecret: "secret",
          SecurityToken: "session-token",
          Expiration,
        };
        return response.end(JSON.stringify({ Credentials }));
      }
      const { pathname, searchParams } = new URL(url, "http://oss");
      const key = /Credential=([^/]+)\//.exec(headers.authorization ?? "")?.[1];
      const token = headers["x-amz-security-token"] as string | undefined;
      asked.push({ method, host: headers.host ?? "", path: pathname, key, token });
      if (searchParams.has("list-type"))
        return response.end("<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>");
      if (method === "PUT") objects.set(pathname, body);
      const held = objects.get(pathname);
      response
        .writeHead(held ? 200 : 404)
        .end(held && method === "GET" ? held : "<Error><Code>NoSuchKey</Code></Error>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => server.close());

  test("is accessed with the session for the job's OIDC token", async () => {
    const endpoint = `http://localhost:${(server.address() as AddressInfo).port}`;
    const { env, jobs } = parse(read("gitops/github/up.yml")) as { env: Record<string, string>; jobs: object };
    expect(jobs).toBeDefined();
    const url = new URL(env["PULUMI_BACKEND_URL"]!);
    url.searchParams.set("endpoint", endpoint);
    url.searchParams.set("s3ForcePathStyle", "true"); // no name server knows a bucket as a host of this machine
    await succeeding(`printf jwt > token; pulumi login "$STATE"`, {
      STATE: url.href,
      AWS_CONFIG_FILE: env["AWS_CONFIG_FILE"]!,
      AWS_EC2_METADATA_DISABLED: "true",
      ALIBABA_CLOUD_ENDPOINT_STS: endpoint,
      ALIBABA_CLOUD_ROLE_ARN: env["ALIBABA_CLOUD_ROLE_ARN"]!,
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: env["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"]!,
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "token",
    });
    expect(Object.fromEntries(exchanged!)).toMatchObject({
      Action: "AssumeRoleWithOIDC",
      OIDCToken: "jwt",
      RoleArn: env["ALIBABA_CLOUD_ROLE_ARN"],
      OIDCProviderArn: env["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"],
    });
    expect(asked).toContainEqual(
      expect.objectContaining({
        method: "PUT",
        path: "/my-pulumi-state/.pulumi/meta.yaml",
        key: "STS.session",
        token: "session-token",
      }),
    );
  });
});
