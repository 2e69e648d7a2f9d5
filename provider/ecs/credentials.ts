export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Present with temporary credentials. */
  readonly securityToken?: string | undefined;
}

/** Where the keys come from. Shared by every client of the process, so that one renewal serves all. */
export interface Credentials {
  /** The keys of the moment. Fails as `Denied` when there are none, as `Unreachable` when they could not be fetched. */
  get(): Promise<Keys>;
  /** Forgets what is cached: the next `get` resolves them again. */
  renew(): void;
}

export const sameKeys = (a: Keys, b: Keys): boolean =>
  a.accessKeyId === b.accessKeyId && a.securityToken === b.securityToken;
