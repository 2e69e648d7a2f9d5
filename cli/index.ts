#!/usr/bin/env node
import "../provider/old-node/ends";
import { VERSION } from "../provider/release";
import { systemClock } from "../provider/wait/clock";
import { acceptance } from "./acceptance/acceptance";
import { compareRecording } from "./compare";
import { list } from "./list";
import { orphans } from "./orphans";
import type { Terminal } from "./terminal";

const help = `Usage: pulumi-alicloud-image <command> [options]

  orphans     list, acknowledge and delete cloud resources that are missing from a stack's state
  list        list every image that this package created in an account, what keeps it and what it costs
  acceptance  try this package on your own account, and remove everything that it creates
  compare     show where a recording of the cloud differs from the emulator

Run pulumi-alicloud-image <command> --help for its options, and pulumi-alicloud-image --version for the version.
`;

type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;
const commands: Readonly<Record<string, Command>> = { orphans, list, acceptance, compare: compareRecording };

function terminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    env,
    folder: process.cwd(),
    clock: systemClock,
    stdin,
    width: stdout.isTTY ? stdout.columns : undefined,
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    out: (line) => void stdout.write(`${line}\n`),
    say: (line) => void stderr.write(`${line}\n`),
  };
}

async function run([name = "", ...args]: readonly string[]): Promise<number> {
  const isKnown = Object.hasOwn(commands, name);
  if (name === "--version" || (isKnown && args.includes("--version"))) {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (isKnown) return commands[name]!(args, terminal());
  const isAsked = name === "help" || name === "--help" || name === "-h";
  (isAsked ? process.stdout : process.stderr).write(
    isAsked || name === "" ? help : `There is no command ${JSON.stringify(name)}.\n\n${help}`,
  );
  return isAsked ? 0 : 2;
}

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
