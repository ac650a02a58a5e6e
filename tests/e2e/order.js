"use strict";

const { default: Sequencer } = require("@jest/test-sequencer");

/** Begins with no lab, and ends with one that no other suite can go on with. */
const isFirst = (path) => path.endsWith("/hosts.test.ts");
/** Takes the lab down. */
const isLast = (path) => path.endsWith("/lab.test.ts");

const rank = ({ path }) => isLast(path) - isFirst(path);

/** By name, on every machine alike, where jest goes by how long each took the last time. One lab serves the others. */
module.exports = class Order extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => rank(one) - rank(other) || one.path.localeCompare(other.path));
  }
};
