#!/usr/bin/env node
import "../provider/old-node/ends";
import { runCommand } from "./command";

// Read first, because npx may have ended before the emulator listens.
const parent = process.ppid;

void runCommand(
  process.argv.slice(2),
  (text) => process.stdout.write(text),
  (text) => process.stderr.write(text),
).then((outcome) => {
  if (typeof outcome === "number") {
    process.exitCode = outcome;
    return;
  }
  const end = () =>
    void outcome.close().then(
      () => process.exit(0),
      (error: Error) => {
        process.stderr.write(`alicloud-image-emulator: ${error.message}\n`);
        process.exit(1);
      },
    );
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  // npx does not pass SIGTERM on. When it has ended, its shell has another parent process.
  if (process.env.npm_command === "exec") endWithParent(parent, end);
});

function endWithParent(started: number, end: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === started) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}
