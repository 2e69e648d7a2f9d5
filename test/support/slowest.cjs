/** Prints the ten slowest test files, so that an author of a slow one sees it. */
module.exports = class Slowest {
  onRunComplete(_contexts, { testResults }) {
    const files = testResults
      .map(({ testFilePath, perfStats: { runtime = 0 } }) => ({ file: testFilePath, seconds: runtime / 1_000 }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, 10);
    if (testResults.length <= files.length) return;
    const lines = files.map(({ file, seconds }) => `${seconds.toFixed(0).padStart(6)} s  ${relative(file)}`);
    process.stderr.write(`\nThe slowest test files:\n${lines.join("\n")}\n`);
  }
};

const relative = (file) => require("node:path").relative(process.cwd(), file);
