import Client, * as ecs from "@alicloud/ecs20140526";
import type { Credential } from "../../emulator";

export { ecs };

/** The official SDK, as a user of the emulator would set it up. */
export function officialClient(endpoint: string, credential: Partial<Credential> = {}): Client {
  const { accessKeyId = "emulator-key", accessKeySecret = "emulator-secret", securityToken } = credential;
  const config = {
    accessKeyId,
    accessKeySecret,
    ...(securityToken === undefined ? {} : { securityToken }),
    endpoint: endpoint.replace("http://", ""),
    protocol: "http",
    regionId: "cn-hangzhou",
  };
  return new Client(config as ConstructorParameters<typeof Client>[0]);
}

/** The code and HTTP status with which a call was refused; fails if it was not. */
export async function refused(call: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { code, statusCode, message } = error as { code: string; statusCode: number; message: string };
    return { code, status: statusCode, message };
  }
  throw new Error("the call was not refused");
}
