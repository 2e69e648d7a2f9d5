import { type Credentials, type Keys, sameKeys } from "./credentials";

/** The keys of one client. If they expire, they are renewed once for all calls that used them. */
export interface ExpiringKeys {
  /** `expired`: the credentials still return the keys that were reported as expired. */
  current(): Promise<{ readonly keys: Keys; readonly expired: boolean }>;
  /** Reports that the cloud has refused these keys as expired. */
  renew(used: Keys): void;
}

export function expiringKeys(credentials: Credentials): ExpiringKeys {
  let refused: Keys | undefined;
  return {
    async current() {
      const keys = await credentials.get();
      const expired = refused !== undefined && sameKeys(keys, refused);
      if (expired) refused = undefined; // there were no new keys this time, but the next call may find some
      return { keys, expired };
    },
    renew(used) {
      if (refused && sameKeys(refused, used)) return;
      refused = used;
      credentials.renew();
    },
  };
}
