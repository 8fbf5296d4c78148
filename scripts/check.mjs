// `npm run check`: format, lint, types, layers, dead code, in under a minute. Each step prints one line; a failing one prints its output.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (path) => [process.execPath, [join(root, "node_modules", path)]];

const steps = [
  ["format", ...bin("oxfmt/bin/oxfmt"), "--check"],
  ["lint", ...bin("oxlint/bin/oxlint"), "--type-aware", "--deny-warnings"],
  ["types", ...bin("typescript/bin/tsc"), "-p", "."],
  ...(existsSync(join(root, "web", "tsconfig.json"))
    ? [["types of web", ...bin("typescript/bin/tsc"), "-p", "web"]]
    : []),
  ["layers", process.execPath, [join(root, "scripts", "check-layers.mjs")]],
  ["dead code", ...bin("knip/bin/knip.js"), "--no-progress"],
];

function run([name, command, args, ...more]) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(command, [...args, ...more], { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok  " : "FAIL"}  ${name}  (${((performance.now() - started) / 1000).toFixed(1)} s)`);
      if (code !== 0) console.log(output.trimEnd());
      resolve(code === 0);
    });
  });
}

const only = process.argv.slice(2);
const unknown = only.find((name) => !steps.some(([known]) => known === name));
if (unknown !== undefined) {
  console.log(`No step is called "${unknown}". There are: ${steps.map(([name]) => name).join(", ")}.`);
  process.exit(1);
}
let ok = true;
for (const step of steps) {
  if (only.length === 0 || only.includes(step[0])) ok = (await run(step)) && ok;
}
process.exit(ok ? 0 : 1);
