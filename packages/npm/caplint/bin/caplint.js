#!/usr/bin/env node
// Starts the binary of this platform's package, and ends as it ends.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `@caplint/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "caplint.exe" : "caplint";

let binary;
try {
  binary = require.resolve(`${name}/bin/${file}`);
} catch {
  console.error(
    `caplint: the package ${name} is not installed. Either caplint has no binary for this platform, ` +
      "or optional dependencies were left out: install without --omit=optional.",
  );
  process.exit(2);
}

const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`caplint: ${binary} can't be run: ${error.message}`);
  process.exit(2);
}
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 2);
