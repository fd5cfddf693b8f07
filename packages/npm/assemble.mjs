// node assemble.mjs OUT [--extras FOLDER] PLATFORM=BINARY…
//
// Writes the npm packages into OUT: `caplint`, which is a launcher, and one package for each
// platform with its binary, such as `linux-x64=target/release/caplint`. npm installs the one whose
// `os` and `cpu` fit. The version is Cargo.toml's. The Linux binaries are static (musl), so that
// one serves every distribution.

import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];

const [out, ...rest] = process.argv.slice(2);
const extras = rest[0] === "--extras" ? rest.splice(0, 2)[1] : undefined;
const binaries = new Map(rest.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
for (const platform of binaries.keys()) {
  if (!platforms.includes(platform)) throw new Error(`${platform} is none of ${platforms.join(", ")}`);
}
if (!out || binaries.size === 0) throw new Error("usage: assemble.mjs OUT [--extras FOLDER] PLATFORM=BINARY…");

const version = /^version = "(.*)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];
const main = JSON.parse(readFileSync(join(here, "caplint/package.json"), "utf8"));

function write(folder, manifest) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) cpSync(join(root, licence), join(folder, licence));
}

for (const [platform, binary] of binaries) {
  const [os, cpu] = platform.split("-");
  const folder = join(out, platform);
  write(folder, {
    name: `@caplint/${platform}`,
    version,
    description: `The binary of caplint for ${platform}`,
    license: main.license,
    repository: main.repository,
    os: [os],
    cpu: [cpu],
    files: ["bin", "LICENSE-MIT", "LICENSE-APACHE"],
    preferUnplugged: true,
  });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const file = join(folder, "bin", os === "win32" ? "caplint.exe" : "caplint");
  cpSync(binary, file);
  chmodSync(file, 0o755);
}

const folder = join(out, "caplint");
cpSync(join(here, "caplint"), folder, { recursive: true });
cpSync(join(root, "README.md"), join(folder, "README.md"));
chmodSync(join(folder, "bin/caplint.js"), 0o755);
if (extras) cpSync(join(extras, "share"), join(folder, "share"), { recursive: true });
write(folder, {
  ...main,
  version,
  ...(extras ? { man: readdirSync(join(extras, "share/man/man1")).sort().map((page) => `share/man/man1/${page}`) } : {}),
  optionalDependencies: Object.fromEntries([...binaries.keys()].sort().map((platform) => [`@caplint/${platform}`, version])),
});
