import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, messageOf } from "../../provider/failure";
import type { Context } from "../../provider/lifecycle/context";
import type { Session } from "../../provider/lifecycle/session";
import { CALLS_FILE, type Exchange, recordingIn } from "../../recording/exchange";
import { PROGRAM } from "./program";

export const HOSTS = ["dynamic", "native"] as const;
export type HostName = (typeof HOSTS)[number];

/** The options of a run besides its region, some of which a scene may need. */
export interface Given {
  readonly instanceId?: string;
  readonly snapshotId?: string;
  readonly bucket?: string;
  readonly secondRegion?: string;
  readonly accountId?: string;
  readonly vSwitchId?: string;
  readonly securityGroupId?: string;
  readonly secondProfile?: string;
}

/** A resource that a scene declares. `name` is its name in the scenes. */
export interface Declared {
  readonly type: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The engine's record of a resource. */
export interface Recorded {
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}
export type State = Readonly<Record<string, Recorded | undefined>>;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The files, the regions and the environment of an acceptance run. */
export interface Place {
  readonly folder: string;
  readonly recording: string;
  readonly env: NodeJS.ProcessEnv;
  readonly run: string;
  readonly prefix: string;
  readonly given: Given;
  readonly regions: readonly string[];
  readonly session: Session;
  context(doing: string, regionId?: string): Context;
  /** The id of the account, once it is known. */
  readonly account?: string;
  /** The profile that selects the account, for the second one. */
  readonly profile?: string;
  /** The place of the second account. */
  readonly guest?: Place;
}

/** The package's own folder, above `dist`. */
const root = path.resolve(__dirname, "../../..");

/** A Pulumi project with a stack for one host. Scenes do everything through it. */
export class Stage {
  readonly declared = new Map<string, Declared>();
  /** The arguments of the program's look-up. */
  lookUp: Readonly<Record<string, unknown>> | undefined;
  private readonly folder: string;
  private opened?: Promise<Stage>;

  constructor(
    readonly host: HostName,
    readonly place: Place,
  ) {
    this.folder = path.join(place.folder, host);
  }

  /** The stage of the second account, opened when it is first needed. */
  guest(): Promise<Stage> {
    this.opened ??= new Stage(this.host, this.place.guest!).open();
    return this.opened;
  }

  async open(): Promise<this> {
    const modules = path.join(this.folder, "node_modules");
    mkdirSync(path.join(modules, "@pulumi"), { recursive: true });
    mkdirSync(path.join(this.place.folder, "backend"), { recursive: true });
    link(root, path.join(modules, "pulumi-alicloud-image"));
    link(path.dirname(require.resolve("@pulumi/pulumi/package.json")), path.join(modules, "@pulumi/pulumi"));
    const plugins = { providers: [{ name: "alicloud-image", path: root }] };
    const project = { name: projectOf(this.place.run), runtime: "nodejs", main: "index.js", plugins };
    writeFileSync(path.join(this.folder, "Pulumi.yaml"), JSON.stringify(project));
    writeFileSync(path.join(this.folder, "package.json"), JSON.stringify({ name: "acceptance", private: true }));
    writeFileSync(path.join(this.folder, "index.js"), PROGRAM);
    await this.succeed("stack", "init", this.host);
    return this;
  }

  /** Every resource is named after the run, so that people find it in the console. */
  resourceName = (name: string): string => `${this.place.prefix}-${name}`;

  up = (...flags: string[]): Promise<void> => this.succeed(...this.upCommand(), ...flags);
  refresh = (): Promise<void> => this.succeed("refresh", "--yes", "--skip-preview");

  async destroy(): Promise<void> {
    await (await this.opened)?.destroy();
    this.declared.clear();
    await this.succeed("destroy", "--yes", "--skip-preview");
  }

  /** Runs an update that must fail. Returns its errors. */
  async refusedUp(): Promise<string> {
    const refused = await this.up().then(() => undefined, messageOf);
    if (refused === undefined) throw new Error("the update succeeded, which should fail");
    return refused;
  }

  /**
   * Starts an update. Kills the engine and all processes that it has started as soon as the cloud has answered a call
   * of `action`.
   */
  async killAfter(action: string): Promise<void> {
    const before = this.calls(action);
    const child = this.start(this.upCommand(), true);
    const ended = output(child);
    while (child.exitCode === null && this.calls(action) === before) await new Promise((turn) => setTimeout(turn, 50));
    if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
    await ended;
    await this.succeed("cancel", "--yes");
  }

  async exported(): Promise<string> {
    return (await this.pulumi("stack", "export")).output;
  }

  async state(): Promise<State> {
    type Row = { urn: string; type: string; id?: string; outputs?: Record<string, unknown>; delete?: boolean };
    const { deployment } = JSON.parse(await this.exported()) as { deployment: { resources?: Row[] } };
    const rows = (deployment.resources ?? []).filter((row) => row.delete !== true);
    const prefix = `${this.place.prefix}-`;
    return Object.fromEntries(
      rows.flatMap(({ urn, type, id = "", outputs = {} }): [string, Recorded][] => {
        const name = urn.slice(urn.lastIndexOf("::") + 2);
        if (type === "pulumi:pulumi:Stack") return [["stack", { id, outputs }]];
        return name.startsWith(prefix) ? [[name.slice(prefix.length), { id, outputs }]] : [];
      }),
    );
  }

  /** The number of answered calls in this run. */
  calls(action?: string): number {
    const all = this.recorded();
    return action === undefined
      ? all.length
      : all.filter((call) => call.action === action && call.status === 200).length;
  }

  /** All calls of this run so far, in both accounts. */
  recorded(): Exchange[] {
    const folders = [this.place, this.place.guest].flatMap((place) => place?.recording ?? []);
    return folders.filter((folder) => existsSync(path.join(folder, CALLS_FILE))).flatMap(recordingIn);
  }

  private upCommand(): string[] {
    const resources = [...this.declared].map(([name, one]) => ({
      name,
      resourceName: this.resourceName(name),
      ...one,
    }));
    const scene = { host: this.host, resources, ...(this.lookUp && { lookUp: this.lookUp }) };
    writeFileSync(path.join(this.folder, "scene.json"), JSON.stringify(scene, undefined, 2));
    return ["up", "--yes", "--skip-preview"];
  }

  private async succeed(...args: string[]): Promise<void> {
    const { code, output: said } = await this.pulumi(...args);
    if (code !== 0) throw new Failure("Refused", errorsIn(said) || `pulumi ${args[0]} ended with ${code}`);
  }

  private pulumi = (...args: string[]): Promise<Ended> => output(this.start(args));

  /** `isAlone` starts it in a process group of its own, which can be killed without this process. */
  private start(args: string[], isAlone = false): ChildProcess {
    const where = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.host];
    const all = [...args, ...where, "--non-interactive", "--color", "never"];
    return spawn("pulumi", all, { cwd: this.folder, env: this.place.env, detached: isAlone });
  }
}

export const projectOf = (run: string): string => `acceptance-${run}`;

function link(target: string, at: string): void {
  if (!existsSync(at)) symlinkSync(target, at, "junction");
}

function output(child: ChildProcess): Promise<Ended> {
  let said = "";
  let errors = "";
  child.stdout?.on("data", (text) => (said += text));
  child.stderr?.on("data", (text) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Failure("Invalid", "there is no pulumi program on the PATH (https://www.pulumi.com/docs/install/)")
          : error,
      ),
    );
    child.on("close", (code) => resolve({ code, output: code === 0 ? said : said + errors }));
  });
}

/** The engine's errors about its resources, each once, on one line. */
const errorsIn = (said: string): string =>
  [...new Set([...said.matchAll(/^ *error: (.*(?:\n(?! *error:| *$).*)*)/gm)].map(([, text = ""]) => text))]
    .filter((text) => !/^(update|preview|resource|destroy|refresh)\b.* failed/.test(text))
    .map((text) => text.replace(/\s+/g, " "))
    .join("; ");
