"use strict";

const { default: Sequencer } = require("@jest/test-sequencer");

const last = (path) => path.endsWith("/lab.test.ts");

/**
 * By name, on every machine alike, where jest goes by how long each took the last time. One lab serves all suites, and
 * the one that takes it down comes last.
 */
module.exports = class Order extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => last(one.path) - last(other.path) || one.path.localeCompare(other.path));
  }
};
