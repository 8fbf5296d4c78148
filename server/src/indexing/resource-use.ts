// What a run costs: CPU seconds of this process, its threads and its children from the start of the watch, and their peak memory together.
import { readdirSync, readFileSync } from "node:fs";

export interface ResourceUse {
  cpuSeconds: { user: number; system: number; total: number };
  /** Largest sum of the resident memory of this process and its children, in MB; of this process alone where there is no /proc. */
  peakMemoryMb: number;
}

const ticksPerSecond = 100;
const pageBytes = 4096;

/** `since` = the process's start counts what loading the program took, too. The function that is returned ends the watch. */
export function watchResources({
  since = "now",
  everyMs = 100,
}: { since?: "now" | "start"; everyMs?: number } = {}): () => ResourceUse {
  const before = since === "start" ? { user: 0, system: 0 } : cpuSeconds();
  let peak = 0;
  const sample = (): void => {
    peak = Math.max(peak, residentBytes());
  };
  sample();
  const timer = setInterval(sample, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    sample();
    const now = cpuSeconds();
    const [user, system] = [Math.max(0, now.user - before.user), Math.max(0, now.system - before.system)];
    const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
    // The process's own peak is the run's only when the run is all that it did.
    const ownPeak = since === "start" ? process.resourceUsage().maxRSS * 1024 : 0;
    return {
      cpuSeconds: { user: round(user), system: round(system), total: round(user + system) },
      peakMemoryMb: Math.round(Math.max(peak, ownPeak) / 1e5) / 10,
    };
  };
}

function cpuSeconds(): { user: number; system: number } {
  const own = process.cpuUsage();
  const children = childTicks(process.pid);
  return {
    user: own.user / 1e6 + children.user / ticksPerSecond,
    system: own.system / 1e6 + children.system / ticksPerSecond,
  };
}

/** Fields of /proc/<pid>/stat after the command's name; field 3 of proc(5) is index 0. */
function statOf(pid: number | string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** Time of children that have ended and been waited for, and of those that run. */
function childTicks(pid: number): { user: number; system: number } {
  const stat = statOf(pid);
  const sum = { user: Number(stat?.[13] ?? 0), system: Number(stat?.[14] ?? 0) };
  for (const child of childrenOf(pid)) {
    const running = statOf(child);
    sum.user += Number(running?.[11] ?? 0) + Number(running?.[13] ?? 0);
    sum.system += Number(running?.[12] ?? 0) + Number(running?.[14] ?? 0);
  }
  return sum;
}

/** And their children, and so on. */
function childrenOf(pid: number | string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")
        .split(" ")
        .filter((child) => child !== "")
        .flatMap((child) => [child, ...childrenOf(child)]),
    );
  } catch {
    return [];
  }
}

function residentBytes(): number {
  let pages = Number(statOf(process.pid)?.[21] ?? 0);
  if (pages === 0) return process.memoryUsage.rss();
  for (const child of childrenOf(process.pid)) pages += Number(statOf(child)?.[21] ?? 0);
  return pages * pageBytes;
}
