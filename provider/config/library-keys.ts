// Keys from Alibaba Cloud's own credentials library.

import type * as library from "@alicloud/credentials";
import type { Credentials, Keys } from "../ecs/credentials";
import { Failure } from "../failure";

export const libraryOf = () => require("@alicloud/credentials") as typeof library;

type Provider = Pick<InstanceType<typeof library.DefaultCredentialsProvider>, "getCredentials">;

interface Source {
  /**
   * Turns the library's error into a sentence for the user. Its message may contain whole files and answers, so it is
   * not passed on.
   */
  explain(error: unknown): string;
  /** Whether the user chose this source. Then a network failure is its failure, too. */
  readonly isOfUser: boolean;
}

const FETCH_TIMEOUT_MS = 60_000;

/**
 * Keys that the library fetches, and renews before they expire. Only one call at a time: the library's default chain
 * remembers a source as the right one before that has answered. After a failure the chain is built again, because it
 * stays with the source that failed.
 */
export function fetchedKeys(open: () => Promise<Provider>, { explain, isOfUser }: Source): Credentials {
  let provider: Provider | undefined;
  let underWay: Promise<Keys> | undefined;
  let everFetched = false;

  async function fetch(): Promise<Keys> {
    try {
      provider ??= await open();
      const { accessKeyId, accessKeySecret, securityToken } = await withinTime(provider.getCredentials());
      if (!accessKeyId || !accessKeySecret) throw new Error("incomplete");
      everFetched = true;
      return { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) };
    } catch (error) {
      provider = undefined;
      if (error instanceof Failure) throw error;
      const isTransient = everFetched || (!isOfUser && isOfTheNetwork(error));
      throw new Failure(isTransient ? "Unreachable" : "Denied", explain(error));
    }
  }

  return {
    get: () => (underWay ??= fetch().finally(() => (underWay = undefined))),
    renew() {
      provider = undefined;
    },
  };
}

async function withinTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("late")), FETCH_TIMEOUT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const isOfTheNetwork = (error: unknown): boolean => {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return (
    name === "RequestTimeoutError" ||
    (typeof code === "string" && /^(E[A-Z]+|EAI_AGAIN)$/.test(code) && code !== "ENOENT" && code !== "EACCES")
  );
};
