// Runs a command and says what it cost: CPU by the system's accounting of the finished process and its children, memory by watching it.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Cost {
  /** User + system, of the process and all its finished children. */
  cpuSeconds: number;
  seconds: number;
  /** Peak of the resident memory of all processes of the tree together. Shared pages count once for each. */
  peakRssMb: number;
  stdout: string;
}

const WATCH_MS = 50;

/** Throws with the end of stderr when the command fails. */
export async function measure(
  command: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Cost> {
  const started = performance.now();
  // bash's own `time` reports what wait4 gave for the finished tree, on the line that starts with the mark.
  const child = spawn("bash", ["-c", 'TIMEFORMAT="cost: %3U %3S"; time "$@"', "bash", ...command], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-100_000)));
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, treeRss(child.pid ?? 0));
  }, WATCH_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => clearInterval(watch));
  const cost = stderr.match(/^cost: ([\d.]+) ([\d.]+)$/m);
  if (code !== 0 || cost === null) throw new Error(`${command.join(" ")} failed (${code}): ${stderr.slice(-2_000)}`);
  return {
    cpuSeconds: Number(cost[1]) + Number(cost[2]),
    seconds: (performance.now() - started) / 1000,
    peakRssMb: peak / 1024,
    stdout,
  };
}

/** Kilobytes of all descendants of `root`, without `root` (the measuring shell). */
function treeRss(root: number): number {
  const children = new Map<number, number[]>();
  const rss = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    let status: string;
    try {
      status = readFileSync(`/proc/${entry}/status`, "utf8");
    } catch {
      continue;
    }
    const parent = Number(status.match(/^PPid:\s+(\d+)/m)?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    rss.set(Number(entry), Number(status.match(/^VmRSS:\s+(\d+)/m)?.[1] ?? 0));
  }
  let sum = 0;
  const queue = [...(children.get(root) ?? [])];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    sum += rss.get(pid) ?? 0;
    queue.push(...(children.get(pid) ?? []));
  }
  return sum;
}
