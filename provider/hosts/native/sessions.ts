/** The session of one Configure call, until the next Configure on the same connection. */
export interface Configured<Session> {
  readonly session: Session;
  /**
   * The engine's reference to the configured provider, `<urn>::<id>`. Older engines do not send it; then it is empty.
   */
  readonly provider: string;
  /** Aborted by Cancel: every wait ends at once. */
  readonly cancelled: AbortController;
}

/**
 * The configurations of this process, by connection. The engine starts one process for each provider of a program and
 * configures it once. Only a plugin to which engines attach (`PULUMI_DEBUG_PROVIDERS`) serves several providers. Each
 * has its own connection, and requests do not name their provider.
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

  /**
   * The configuration of a connection. After a reconnection the port differs; then the most recent configuration is
   * used.
   */
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
