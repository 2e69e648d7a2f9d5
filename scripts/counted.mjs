// Prints in one plain line how many tests passed and failed.
//   node scripts/counted.mjs <file written by jest --json --outputFile>
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export function counted(file) {
  const text = readFileSync(file, "utf8");
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = text ? JSON.parse(text) : {};
  // a file that jest could not run counts as one failure
  return `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(counted(process.argv[2]));
