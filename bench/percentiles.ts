// Times of something done again and again.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

export interface Times {
  p50: number;
  p95: number;
  max: number;
}

export const round2 = (value: number): number => Math.round(value * 100) / 100;

const clockTicks = 100;

/** User and system time of a process so far, in ms. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / clockTicks;
}

/** Runs `work` 20 times to warm up, then `count` times, and prints a line. */
export async function measureTimes(
  name: string,
  work: (at: number) => Promise<unknown>,
  count: number,
): Promise<readonly [string, Times]> {
  for (let at = 0; at < 20; at++) await work(at);
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    await work(at);
    times.push(performance.now() - start);
    // As a server would: other work gets its turn between two questions.
    await new Promise(setImmediate);
  }
  times.sort((a, b) => a - b);
  const part = (share: number): number => round2(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
  const result = { p50: part(0.5), p95: part(0.95), max: part(1) };
  console.log(`${name.padEnd(34)} p50 ${result.p50} ms   p95 ${result.p95} ms   max ${result.max} ms`);
  return [name, result];
}
