import type { Credential } from "../world/credential";

/** The address of an emulator and the key for it. */
export interface Access {
  readonly endpoint: string;
  readonly regionId: string;
  readonly credential: Pick<Credential, "accessKeyId" | "accessKeySecret">;
}

/** The environment variables for a program, by the names that Pulumi and Alibaba Cloud's own clients read. */
export const environmentOf = ({ endpoint, regionId, credential }: Access): Record<string, string> => ({
  ALICLOUD_ACCESS_KEY: credential.accessKeyId,
  ALICLOUD_SECRET_KEY: credential.accessKeySecret,
  ALICLOUD_REGION: regionId,
  ALIBABA_CLOUD_ACCESS_KEY_ID: credential.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: credential.accessKeySecret,
  ALIBABA_CLOUD_ENDPOINT_ECS: endpoint,
  ALIBABA_CLOUD_ENDPOINT_OSS: endpoint,
  ALIBABA_CLOUD_ENDPOINT_STS: endpoint,
});

/** Variables with which a program would use a real account or another role instead of the emulator's key. */
export const misleadingVariables: readonly string[] = [
  "ALICLOUD_SECURITY_TOKEN",
  "ALIBABA_CLOUD_SECURITY_TOKEN",
  "ALICLOUD_PROFILE",
  "ALIBABA_CLOUD_PROFILE",
  "ALICLOUD_ASSUME_ROLE_ARN",
  "ALIBABA_CLOUD_ROLE_ARN",
  "ALICLOUD_ECS_ROLE_NAME",
  "ALIBABA_CLOUD_ECS_METADATA",
];

/** The same as configuration of a stack. `endpoints` is a list with one entry, the form that @pulumi/alicloud takes. */
export const pulumiConfigOf = ({ endpoint, regionId, credential }: Access) => ({
  "alicloud:region": regionId,
  "alicloud:accessKey": credential.accessKeyId,
  "alicloud:secretKey": credential.accessKeySecret,
  "alicloud:endpoints": [{ ecs: endpoint, oss: endpoint, sts: endpoint }],
});

const posixQuoted = (text: string) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const powershellQuoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

const formats = {
  bash: (access: Access) => linesOf(access, (name, value) => `export ${name}=${posixQuoted(value)}`),
  powershell: (access: Access) => linesOf(access, (name, value) => `$env:${name} = ${powershellQuoted(value)}`),
  env: (access: Access) =>
    linesOf(access, (name, value) => `${name}=${/[\s#"']/.test(value) ? JSON.stringify(value) : value}`),
  json: (access: Access) =>
    `${JSON.stringify({ environment: environmentOf(access), pulumiConfig: pulumiConfigOf(access) }, undefined, 2)}\n`,
};
export type Format = keyof typeof formats;
export const formatNames = Object.keys(formats) as Format[];

/** The environment in that format, to paste, source or parse. */
export const printed = (format: Format, access: Access): string => formats[format](access);

const linesOf = (access: Access, line: (name: string, value: string) => string): string =>
  Object.entries(environmentOf(access))
    .map(([name, value]) => `${line(name, value)}\n`)
    .join("");
