import { type Pause, type Reason, type Span, spanEndMs } from "./span";

/**
 * How the next creation by one action goes: `emulator.world.scenarios.push({ for: "CreateImage", failAtPercent: 40 })`.
 */
export interface Scenario extends InstanceScenario {
  /** The action. Its next creation follows this scenario. */
  for: "CreateImage" | "ImportImage" | "ExportImage" | "CopyImage" | "RunInstances";
  /** Fails at this percentage. */
  failAtPercent?: number;
  /** Why it fails; without one, the code that the action documents. */
  reason?: Reason;
  /** How long it takes, on the emulator's clock; by default as in `EmulatorOptions.durations`. */
  durationMs?: number;
  /** Stays at this percentage. */
  sticksAtPercent?: number;
  /** Pauses at a percentage. A task is then `Paused`. */
  pause?: Pause;
  /** `Available`, but not usable for this long. */
  unusableForMs?: number;
  /** Disappears from every list at its end, as if it had never existed. */
  vanishes?: boolean;
  /** No list shows it for this long after its creation. */
  hiddenForMs?: number;
  /** Is listed at first. From `afterMs` after its creation on, no list shows it for `forMs`. */
  hiddenLater?: HiddenLater;
  /** DescribeTaskAttribute names only this many of the task's objects, although all are written. */
  reportedObjects?: number;
  /** This many of the exported objects are not written, although the task is Finished: its FailedCount. */
  failedObjects?: number;
  /**
   * Nothing is created. CreateImage answers with the 500 of a snapshot that could not be started. The other actions
   * answer with their own codes for a failure.
   */
  refused?: boolean;
}

/** How an instance of RunInstances and the command in it behave. Other actions ignore it. */
export interface InstanceScenario {
  /** The exit code of the command. By default, its `exit` line gives the code; without that line, it is 0. */
  exitCode?: number;
  /** What the command prints; without one, the text of its `echo` lines. */
  output?: string;
  /** How long the command runs; by default as in `EmulatorOptions.durations`. */
  commandMs?: number;
  /**
   * `power`: it stays Starting. `system`: it is Running, but its operating system does not boot. `assistant`: it boots,
   * but has no Cloud Assistant.
   */
  missing?: "power" | "system" | "assistant";
  /** What GetInstanceConsoleOutput shows; by default some text that fits the outcome. */
  consoleOutput?: string;
  /** It disappears this long after its start, because ECS lacks the resources. */
  goneAfterMs?: number;
}

/** When lists do not show something, counted from its creation. */
export interface HiddenLater {
  /** How long it is listed before that. */
  afterMs: number;
  /** How long no list shows it. */
  forMs: number;
}

/** Removes and returns the scenario for the next creation of this kind. */
export function takeScenario(scenarios: Scenario[], action: Scenario["for"]): Scenario | undefined {
  const at = scenarios.findIndex((scenario) => scenario.for === action);
  return at < 0 ? undefined : scenarios.splice(at, 1)[0];
}

/** The span of a creation in this scenario. */
const spanOf = (scenario: Scenario = { for: "CreateImage" }, startMs: number, durationMs: number): Span => {
  const { failAtPercent, sticksAtPercent, pause, reason } = scenario;
  return {
    startMs,
    durationMs: scenario.durationMs ?? durationMs,
    ...(failAtPercent === undefined ? {} : { failAtPercent }),
    ...(sticksAtPercent === undefined ? {} : { sticksAtPercent }),
    ...(pause === undefined ? {} : { pause }),
    ...(reason === undefined ? {} : { reason }),
  };
};

/** When a new image or task is listed, ends, and becomes usable. */
export function timelineOf(scenario: Scenario | undefined, nowMs: number, durationMs: number) {
  const span = spanOf(scenario, nowMs, durationMs);
  const endMs = spanEndMs(span);
  const { hiddenLater } = scenario ?? {};
  const fromMs = nowMs + (hiddenLater?.afterMs ?? 0);
  return {
    span,
    usableFromMs: endMs === undefined ? 0 : endMs + (scenario?.unusableForMs ?? 0),
    visibleFromMs: nowMs + (scenario?.hiddenForMs ?? 0),
    ...(scenario?.vanishes && endMs !== undefined ? { vanishesAtMs: endMs } : {}),
    ...(hiddenLater ? { hidden: { fromMs, untilMs: fromMs + hiddenLater.forMs } } : {}),
  };
}
