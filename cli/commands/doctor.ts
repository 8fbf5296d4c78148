// `opentrace doctor`: what this machine and configuration need, checked, with what to do.
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { lockHolder } from "@opentrace/server/src/data-lock.ts";
import { configOf } from "../client.ts";
import { exitCodes, print } from "../output.ts";
import type { CommonOptions } from "./verb-commands.ts";

interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export async function doctorCommand(options: CommonOptions): Promise<void> {
  const checks: Check[] = [];
  const check = async (name: string, look: () => string | Promise<string>): Promise<void> => {
    try {
      checks.push({ name, ok: true, detail: await look() });
    } catch (error) {
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
    }
  };
  await check("node", () => {
    if (Number(process.versions.node.split(".")[0]) < 24)
      throw new Error(`${process.version}; 24 or newer is needed: run npm install`);
    return process.version;
  });
  await check("git", () => execFileSync("git", ["--version"], { encoding: "utf8" }).trim());
  await check("configuration", () => {
    const config = configOf(options);
    return `${config.host}:${config.port}, authentication ${config.auth ? "on" : "off"}`;
  });
  await check("data directory", () => {
    const { data, databaseUrl } = configOf(options);
    let folder = data;
    while (!existsSync(folder)) folder = dirname(folder);
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const freeGb = (bavail * bsize) / 1e9;
    if (freeGb < 0.5) throw new Error(`${data}: only ${freeGb.toFixed(1)} GB free`);
    return `${data} (${freeGb.toFixed(1)} GB free)${databaseUrl === null ? "" : ", PostgreSQL holds the graph"}`;
  });
  await check("server", async () => {
    const config = configOf(options);
    const named = options.server ?? process.env["OPENTRACE_URL"];
    const holder = lockHolder(config.data);
    const url = named ?? holder?.url ?? null;
    if (url === null)
      return holder === null
        ? "not running; commands work on the store themselves"
        : `process ${holder.pid} works on the data directory`;
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) });
    if (!response.ok) throw new Error(`${url} answers with status ${response.status}`);
    return `${url} is ready`;
  });
  const ok = checks.every((one) => one.ok);
  if (options.json === true) print(JSON.stringify({ ok, checks }, null, 2));
  else for (const one of checks) print(`${one.ok ? "ok  " : "FAIL"}  ${one.name}: ${one.detail}`);
  if (!ok) process.exitCode = exitCodes.failed;
}
