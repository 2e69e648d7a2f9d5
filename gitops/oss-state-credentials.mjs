// Keys for a Pulumi state that is stored in OSS. Pulumi reads and writes OSS through its S3-compatible interface, and
// runs this program whenever it needs new keys. The program exchanges the job's OIDC token for a session of a RAM role
// and prints the session in the format of credential_process:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
//
// It reads ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN and ALIBABA_CLOUD_OIDC_TOKEN_FILE, as the package
// itself does, and ALICLOUD_REGION or ALIBABA_CLOUD_ENDPOINT_STS for the endpoint of STS. Without a role it prints the
// keys in ALICLOUD_ACCESS_KEY, ALICLOUD_SECRET_KEY and ALICLOUD_SECURITY_TOKEN.
import { readFileSync } from "node:fs";

const { env } = process;
const required = (name) => {
  if (env[name]) return env[name];
  throw new Error(`${name} is not set`);
};
const print = (keys) => console.log(JSON.stringify({ Version: 1, ...keys }));

function stsEndpoint() {
  const given = env.ALIBABA_CLOUD_ENDPOINT_STS ?? `sts.${required("ALICLOUD_REGION")}.aliyuncs.com`;
  return given.includes("://") ? given : `https://${given}`;
}

async function assumeRole() {
  const answer = await fetch(stsEndpoint(), {
    method: "POST",
    signal: AbortSignal.timeout(30_000),
    body: new URLSearchParams({
      Action: "AssumeRoleWithOIDC",
      Version: "2015-04-01",
      Format: "JSON",
      Timestamp: new Date().toISOString().replace(/\.\d+/, ""),
      RoleArn: required("ALIBABA_CLOUD_ROLE_ARN"),
      OIDCProviderArn: required("ALIBABA_CLOUD_OIDC_PROVIDER_ARN"),
      OIDCToken: readFileSync(required("ALIBABA_CLOUD_OIDC_TOKEN_FILE"), "utf8").trim(),
      RoleSessionName: "pulumi-state",
    }),
  });
  const body = await answer.json();
  if (!answer.ok)
    throw new Error(`STS refused AssumeRoleWithOIDC: ${body.Code}: ${body.Message} (RequestId ${body.RequestId})`);
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = body.Credentials;
  print({ AccessKeyId, SecretAccessKey: AccessKeySecret, SessionToken: SecurityToken, Expiration });
}

try {
  if (env.ALIBABA_CLOUD_ROLE_ARN) await assumeRole();
  else
    print({
      AccessKeyId: required("ALICLOUD_ACCESS_KEY"),
      SecretAccessKey: required("ALICLOUD_SECRET_KEY"),
      SessionToken: env.ALICLOUD_SECURITY_TOKEN,
    });
} catch (error) {
  console.error(`oss-state-credentials: ${error.message}`);
  process.exitCode = 1;
}
