"use strict";

/** From here on a file has a line of its own, in seconds. */
const slow = 5;

/** A reporter of jest's: what each project took, and each of its files that is slow. Files run side by side. */
module.exports = class Durations {
  onRunComplete(_, { testResults }) {
    const projects = new Map();
    for (const { displayName, testFilePath, perfStats } of testResults) {
      if (!displayName) continue; // could not be loaded
      const files = projects.get(displayName.name) ?? [];
      projects.set(displayName.name, files);
      files.push({ name: testFilePath.replace(/^.*\/(?=[^/]+$)/, ""), ...perfStats });
    }
    for (const [name, files] of projects) {
      const began = Math.min(...files.map(({ start }) => start));
      const ended = Math.max(...files.map(({ end }) => end));
      print(name, ended - began, `${files.length} files`);
      files.sort((one, other) => other.runtime - one.runtime);
      for (const each of files.filter(({ runtime }) => runtime >= slow * 1000)) print(`  ${each.name}`, each.runtime);
    }
  }
};

function print(what, milliseconds, remark = "") {
  const seconds = String(Math.round(milliseconds / 1000)).padStart(5);
  process.stderr.write(`${what.padEnd(44)}${seconds} s  ${remark}`.trimEnd() + "\n");
}
