import { accountOf } from "../config/assumed-role";
import { credentialsFrom } from "../config/credentials";
import { type Settings, serviceEndpoint, settingsFrom } from "../config/settings";
import type { Credentials } from "../ecs/credentials";
import { configuredEndpoint } from "../ecs/endpoint";
import { Failure } from "../failure";
import { isUnknown } from "../fields/unknown";
import type { Clock } from "../wait/clock";
import { Context, type ContextOptions } from "./context";
import { Durations } from "./durations";
import type { Host } from "./host";
import { openRegion, type Region } from "./region";
import { StackView } from "./stack-view";

/** If the engine is interrupted, its state may lack what was returned to it within this time. */
const UNWRITTEN_MS = 2_000;

/** One configuration in one provider process, for one engine operation: its clients, and what it remembers. */
export class Session {
  readonly clock: Clock;
  readonly stack = new StackView();
  /** How long creations in this run and earlier ones took. */
  readonly durations = new Durations();
  private get: (key: string) => string | undefined = () => undefined;
  private knownSettings: Settings | undefined;
  private knownCredentials: Credentials | undefined;
  private readonly regions = new Map<string, Region>();
  private readonly endings = new Map<string, () => Promise<void>>();
  private underWay = 0;
  private writes = false;

  constructor(private readonly host: Host) {
    this.clock = host.clock;
  }

  configure(get: (key: string) => string | undefined): void {
    this.get = get;
    this.knownSettings = undefined;
  }

  /** The configured region. */
  defaultRegion(): string | undefined {
    return this.settings.regionId;
  }

  /** The id of the account, if STS names it. */
  account(): Promise<string | undefined> {
    return accountOf(this.credentials, this.settings);
  }

  /** What the user can do if no region is known, as the end of a sentence. */
  regionAdvice(): string {
    const { regionTrouble } = this.settings;
    const because = regionTrouble === undefined ? "" : `, since ${regionTrouble}`;
    return `${because}: give regionId, run pulumi config set alicloud:region <region>, or set ALICLOUD_REGION`;
  }

  /** The source of the region, if it is not the stack's configuration. */
  regionFrom(): string | undefined {
    return this.settings.regionFrom;
  }

  /** Whether the keys are part of the configuration, and no program of this run has supplied them. */
  hasRecordedKeys(): boolean {
    return !this.stack.hasProgram && this.settings.hasOwnKeys === true;
  }

  /** The configured tags for every resource that takes tags, as JSON. */
  defaultTags(): string | undefined {
    return this.get("alicloud-image:defaultTags");
  }

  /** A boolean option of this package, such as `alicloud-image:dryRun`. */
  isEnabled(option: "dryRun"): boolean {
    return this.get(`alicloud-image:${option}`) !== "false";
  }

  /** Shows a warning that stays with the resource. */
  warn(urn: string, text: string): void {
    this.host.progress.warn(urn, text);
  }

  contextFor(options: ContextOptions): Context {
    const { doing, regionId = this.settings.regionId } = options;
    if (!regionId || isUnknown(regionId))
      throw new Failure("Invalid", `${doing}: no region is known${this.regionAdvice()}`);
    return new Context(regionId, options, {
      host: this.host,
      region: this.regionOf(regionId),
      stackRegionId: this.settings.regionId,
      stack: this.stack,
      durations: this.durations,
      open: (others) => this.contextFor(others),
    });
  }

  /** `work` is done at the end of a run that changes the stack. */
  beforeEnd(key: string, work: () => Promise<void>): void {
    this.endings.set(key, work);
  }

  /** Counts what is under way, so that `end` knows. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.underWay++;
    try {
      return await work();
    } finally {
      this.underWay--;
    }
  }

  /**
   * Notes that this run changes the stack: it is neither a preview nor a refresh. Before this, `end` writes nothing.
   */
  changesStack(): void {
    this.writes = true;
  }

  /** Called when the engine ends this process: at its orderly end, after its last write, or when it is interrupted. */
  async end(): Promise<void> {
    if (!this.writes) return;
    await Promise.allSettled([...this.endings.values()].map((work) => work()));
    const settledMs = this.underWay > 0 ? UNWRITTEN_MS : 0;
    await Promise.all([...this.regions.values()].map(({ pending }) => pending.close(settledMs)));
    await this.host.progress.flush();
  }

  private get settings(): Settings {
    return (this.knownSettings ??= settingsFrom({ get: this.get }, this.host.env));
  }

  private get credentials(): Credentials {
    return (this.knownCredentials ??= credentialsFrom(this.settings, this.clock));
  }

  private regionOf(regionId: string): Region {
    const known = this.regions.get(regionId);
    if (known) return known;
    const { settings, credentials, clock } = this;
    const { callTimeoutMs } = this.host;
    const ecs = configuredEndpoint("ecs", regionId, settings);
    const options = {
      regionId,
      protocol: settings.protocol,
      credentials,
      clock,
      callTimeoutMs,
      endpoint: ecs,
    };
    const region = openRegion(options, () => serviceEndpoint("oss", regionId, this.settings), this.stack);
    this.regions.set(regionId, region);
    return region;
  }
}
