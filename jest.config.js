"use strict";

const { availableParallelism } = require("node:os");

/** @type {import("jest").Config} */
const common = {
  testEnvironment: "node",
  setupFilesAfterEnv: ["<rootDir>/tests/setup.ts"],
  transform: { "^.+\\.ts$": "@swc/jest" },
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
};

module.exports = {
  // By default one processor is left out. But a third of the time of tests that run Pulumi is waiting.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // Failures once more at the end, where the log of a long run is read, after what each suite took.
  reporters: ["default", "<rootDir>/tests/durations.js", ["summary", { summaryThreshold: 1 }]],
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/unit/**/*.test.ts"],
      globalSetup: "<rootDir>/tests/programs-installed.ts",
    },
    { ...common, displayName: "policy", testMatch: ["<rootDir>/tests/policy/**/*.test.ts"] },
    {
      ...common,
      displayName: "contract",
      testMatch: ["<rootDir>/tests/contract/**/*.test.ts"],
      globalSetup: "<rootDir>/tests/programs-installed.ts",
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/tests/e2e/**/*.test.ts"],
      globalTeardown: "<rootDir>/tests/e2e/teardown.ts",
    },
  ],
};
