#!/usr/bin/env node
import { runCommand } from "./command";

void runCommand(
  process.argv.slice(2),
  (text) => process.stdout.write(text),
  (text) => process.stderr.write(text),
).then((outcome) => {
  if (typeof outcome === "number") {
    process.exitCode = outcome;
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void outcome.close().then(() => process.exit(0)));
});
