#!/usr/bin/env node
// `opentrace` on whatever Node starts it: the program itself runs on Node 24, the machine's or the pinned one, and its compiled form is
// kept between runs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { indexFlags } from "../../code/short-run.mjs";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..", "..");
const pinned = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
const isNew = Number(process.versions.node.split(".")[0]) >= 24;

const flags = process.argv[2] === "index" ? indexFlags : [];

if (isNew && flags.every((flag) => process.execArgv.includes(flag))) {
  if (flags.length > 0 && process.channel) {
    process.channel.unref();
    // Whoever started it was killed: so is this.
    process.once("disconnect", () => process.exit(130));
  }
  const { keepCompiled } = await import("../../code/compile-cache.mjs");
  const { useBundledPackages } = await import("../../server/src/bundled-packages.mjs");
  keepCompiled();
  useBundledPackages();
  await import("../main.ts");
} else if (isNew || existsSync(pinned)) {
  const [node, own] = isNew ? [process.execPath, process.execArgv] : [pinned, []];
  const args = [...own, ...flags, new URL(import.meta.url).pathname, ...process.argv.slice(2)];
  // glibc reads it at the start. With an arena for each of Node's threads a run takes 15 to 35 MB more.
  const env = process.argv[2] === "index" ? { MALLOC_ARENA_MAX: "1", ...process.env } : process.env;
  // In place of this process where the system can: a second one would only wait, and hold 45 MB.
  if (process.execve && !process.channel) process.execve(node, [node, ...args], env);
  const child = spawn(node, args, {
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // A terminal sends Ctrl-C to both, and a second one means "at once".
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
} else {
  process.stderr.write("OpenTrace needs Node 24. Run `npm install` in its folder: that brings it along.\n");
  process.exit(1);
}
