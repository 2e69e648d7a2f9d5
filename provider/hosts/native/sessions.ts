/** What one Configure call opened, until the next one on the same connection. */
export interface Configured<Session> {
  readonly session: Session;
  /**
   * The engine's reference to the provider that it configured, `<urn>::<id>`; empty where an older engine does not give
   * it.
   */
  readonly provider: string;
  /** Aborted by Cancel: every wait ends at once. */
  readonly cancelled: AbortController;
}

/**
 * The configurations of this process by the connection that they came on. The engine starts a process for each provider
 * of a program, and configures it once. Only a plugin that it attaches to (`PULUMI_DEBUG_PROVIDERS`) serves several
 * providers, each on a connection of its own, and requests do not name their provider.
 */
export class Sessions<Session> {
  private readonly byPeer = new Map<string, Configured<Session>>();
  private readonly opened: Session[] = [];
  private latest: Configured<Session> | undefined;

  open(peer: string, session: Session, provider: string): void {
    const configured = { session, provider, cancelled: new AbortController() };
    this.byPeer.set(peer, configured);
    this.opened.push(session);
    this.latest = configured;
  }

  /** After a reconnection the port differs: then assume the most recent configuration. */
  of(peer: string): Configured<Session> | undefined {
    return this.byPeer.get(peer) ?? this.latest;
  }

  cancel(peer: string): void {
    this.of(peer)?.cancelled.abort();
  }

  all(): readonly Session[] {
    return this.opened;
  }
}
