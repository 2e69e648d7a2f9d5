export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Present with temporary credentials. */
  readonly securityToken?: string | undefined;
}

/** A source of keys. All clients of the process share it, so that one renewal serves all. */
export interface Credentials {
  /** The current keys. Fails as `Denied` if there are none, and as `Unreachable` if they could not be fetched. */
  get(): Promise<Keys>;
  /** Forgets cached keys: the next `get` resolves them again. */
  renew(): void;
}

export const sameKeys = (a: Keys, b: Keys): boolean =>
  a.accessKeyId === b.accessKeyId && a.securityToken === b.securityToken;
