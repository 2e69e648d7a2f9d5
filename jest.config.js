const shared = {
  // p-retry is an ES module: jest loads CommonJS, so it is transformed like our own code.
  transform: {
    "^.+\\.(ts|js)$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  transformIgnorePatterns: ["/node_modules/(?!(p-retry|is-network-error)/)"],
};

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/test/engine/", "<rootDir>/test/package\\.test\\.ts$"],
    },
    {
      ...shared,
      displayName: "engine",
      testMatch: ["<rootDir>/test/engine/**/*.test.ts"],
      globalSetup: "<rootDir>/test/engine/setup.mjs",
    },
    { ...shared, displayName: "package", testMatch: ["<rootDir>/test/package.test.ts"] },
  ],
  reporters: ["default", "<rootDir>/test/support/slowest.cjs"],
  testSequencer: "<rootDir>/test/support/longest-first.cjs",
  // A worker that drives an engine mostly waits for it.
  maxWorkers: 4,
  // What runs engines takes seconds on a quiet machine, and minutes on a busy one.
  testTimeout: 300_000,
};
