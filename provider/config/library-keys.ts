import type * as library from "@alicloud/credentials";
import type { Credentials, Keys } from "../ecs/credentials";
import { Failure } from "../failure";

export const libraryOf = () => require("@alicloud/credentials") as typeof library;

type Provider = Pick<InstanceType<typeof library.DefaultCredentialsProvider>, "getCredentials">;

interface Source {
  /**
   * The sentence for the person, from the library's error, whose message may contain whole files and answers and is not
   * passed on.
   */
  explain(error: unknown): string;
  /** It was named for this, so a failure of the network is its failure. */
  readonly isOfUser: boolean;
}

const FETCH_TIMEOUT_MS = 60_000;

/**
 * Keys that the library fetches, and renews before they run out. One at a time: its default chain takes a source for
 * the right one before it has answered. After a failure it is built again, since it sticks to the source that failed
 * last.
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
