import { type Credentials, type Keys, sameKeys } from "./credentials";

/** The keys of one client. When they expire, they are renewed once for all calls that were made with them. */
export interface ExpiringKeys {
  /** `expired`: the credentials still give the keys that were reported as expired. */
  current(): Promise<{ readonly keys: Keys; readonly expired: boolean }>;
  /** The cloud has refused these as expired. */
  renew(used: Keys): void;
}

export function expiringKeys(credentials: Credentials): ExpiringKeys {
  let refused: Keys | undefined;
  return {
    async current() {
      const keys = await credentials.get();
      const expired = refused !== undefined && sameKeys(keys, refused);
      if (expired) refused = undefined; // there were no others, but there may be next time
      return { keys, expired };
    },
    renew(used) {
      if (refused && sameKeys(refused, used)) return;
      refused = used;
      credentials.renew();
    },
  };
}
