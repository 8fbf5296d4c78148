// Runs before `npm start`, `npm test` and the like, on any Node >= 18: installs the dependencies when the lockfile is newer than
// what is installed, and (with --web) builds the web UI when its sources changed. Plain JavaScript without dependencies on purpose.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) {
    console.error(
      `\nSet-up failed: \`${command} ${args.join(" ")}\` ended with ${done.status ?? done.signal}. See the lines above.`,
    );
    process.exit(done.status ?? 1);
  }
}

function pinnedNode() {
  const node = join(root, "node_modules", ".bin", "node");
  return existsSync(node) ? node : "node";
}

function stampIs(file, value) {
  return existsSync(file) && readFileSync(file, "utf8") === value;
}

function filesBelow(folder) {
  const found = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "dist") continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesBelow(path));
    else if (entry.isFile() && !entry.name.includes(".test.")) found.push(path);
  }
  return found.sort((a, b) => (a < b ? -1 : 1));
}

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const installed = join(root, "node_modules", ".opentrace-lock");
if (!stampIs(installed, lock)) {
  console.log("Installing dependencies (once for each lockfile) …");
  // A download that breaks off is tried again: five times, up to a minute apart.
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=5"]);
  // Starts are quicker with the bundles, and whole without.
  spawnSync(pinnedNode(), [join(root, "scripts", "bundle-packages.mjs")], { cwd: root, stdio: "inherit" });
  writeFileSync(installed, lock);
}

if (process.argv.includes("--web") && existsSync(join(root, "web", "vite.config.ts"))) {
  const hash = createHash("sha256").update(lock);
  for (const file of [...filesBelow("web"), ...filesBelow("contract")])
    hash.update(file).update(readFileSync(join(root, file)));
  const built = join(root, "web", "dist", ".built-from");
  const now = hash.digest("hex");
  if (!stampIs(built, now)) {
    console.log("Building the web UI …");
    run(pinnedNode(), [join(root, "node_modules", "vite", "bin", "vite.js"), "build", "web", "--logLevel", "warn"]);
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, now);
  }
}
