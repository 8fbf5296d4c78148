// A circuit breaker for one host: after enough failures in a row nothing is sent until a pause is over, then one request tries.
import { AppError } from "@opentrace/contract/errors.ts";

export interface Breaker {
  /** Throws AppError("unavailable") while open. Every pass is followed by succeeded, failed or abandoned. */
  pass(): void;
  succeeded(): void;
  failed(reason: string): void;
  /** Ended by the caller: says nothing about the host. */
  abandoned(): void;
  readonly state: "closed" | "open" | "half-open";
}

const firstPauseMs = 15_000;
const longestPauseMs = 300_000;

export function createBreaker(host: string, now: () => Date, threshold = 5): Breaker {
  let failures = 0;
  let pauseMs = firstPauseMs;
  let openUntil: number | null = null;
  let trying = false;
  let last = "";

  return {
    get state() {
      return openUntil === null ? "closed" : trying ? "half-open" : "open";
    },
    pass() {
      if (openUntil === null) return;
      if (!trying && now().getTime() >= openUntil) {
        trying = true;
        return;
      }
      const retryAt = new Date(Math.max(openUntil, now().getTime() + 1000)).toISOString();
      throw new AppError(
        "unavailable",
        `${host} failed ${failures} times in a row (${last}), so it is left alone until ${retryAt}.`,
        { details: { host, retryAt, reason: "breaker" } },
      );
    },
    succeeded() {
      failures = 0;
      pauseMs = firstPauseMs;
      openUntil = null;
      trying = false;
    },
    failed(reason) {
      failures++;
      last = reason;
      // Requests that were under way when it opened fail late: they open it no longer.
      const late = openUntil !== null && !trying;
      if (late || (!trying && failures < threshold)) return;
      openUntil = now().getTime() + pauseMs;
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      trying = false;
    },
    abandoned() {
      trying = false;
    },
  };
}
