#!/usr/bin/env node
import { systemClock } from "../provider/wait/clock";
import { orphans } from "./orphans";

const help = `Usage: pulumi-alicloud-image <command> [options]

  orphans     list, acknowledge and delete what the cloud holds of a stack and its state does not know

Run pulumi-alicloud-image <command> --help for its options.
`;

async function run([command, ...args]: readonly string[]): Promise<number> {
  if (command === "orphans") {
    const { stdin, stdout, stderr, env } = process;
    return orphans(args, {
      env,
      folder: process.cwd(),
      clock: systemClock,
      stdin,
      width: stdout.isTTY ? stdout.columns : undefined,
      isInteractive: stdin.isTTY === true && stderr.isTTY === true,
      out: (line) => void stdout.write(`${line}\n`),
      say: (line) => void stderr.write(`${line}\n`),
    });
  }
  const isAsked = command === "help" || command === "--help" || command === "-h";
  (isAsked ? process.stdout : process.stderr).write(
    isAsked || command === undefined ? help : `There is no command ${JSON.stringify(command)}.\n\n${help}`,
  );
  return isAsked ? 0 : 2;
}

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
