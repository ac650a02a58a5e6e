// Loaded into each Node.js that Pulumi starts: the program, the host of dynamic resources, the policy pack. An engine that
// was killed can't end them, and they would go on for ever and grow; so each asks once a second whether the engine is
// there, and ends without it. Plain Node.js, as it comes before everything else.
"use strict";
const { connect } = require("node:net");

/** The engine's address: named for a program, the first argument of everything else that Pulumi starts. */
const named = process.argv.indexOf("--engine");
const [, host, port] = /^(127\.0\.0\.1):(\d+)$/.exec(process.argv[named === -1 ? 2 : named + 1] ?? "") ?? [];

if (port !== undefined) setInterval(look, 1_000).unref();

/** A connection is closed at once, or an engine that ends would wait for it. */
function look() {
  const socket = connect({ host, port: Number(port) }).unref();
  socket.once("connect", () => socket.destroy());
  socket.once("error", ({ code }) => {
    if (code === "ECONNREFUSED") process.exit(1);
  });
}
