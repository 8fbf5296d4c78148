// Something that is looked at again and again: one round at a time, the next some time after the last has ended.
import type { Log } from "../verb.ts";

export interface Rounds {
  start(): void;
  /** Aborts the round that runs and waits for its end. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  /** From the end of one round to the beginning of the next. */
  everyMs: number;
  /** Before the first; `everyMs` if absent. */
  firstMs?: number;
  look(this: void, signal: AbortSignal): Promise<void>;
  /** What is looked at, as the log names it when a round fails: "deliveries". */
  what: string;
  log: Log;
}

export function createRounds({ everyMs, firstMs = everyMs, look, what, log }: RoundsOptions): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | null = null;
  let round: Promise<void> = Promise.resolve();

  function again(afterMs: number): void {
    timer = setTimeout(() => {
      round = look(signal)
        .catch((err: unknown) => {
          if (!signal.aborted) log.warn({ err, what }, "not looked at; the next round does it");
        })
        .finally(() => {
          if (!signal.aborted) again(everyMs);
        });
    }, afterMs);
    timer.unref();
  }

  return {
    start: () => again(firstMs),
    async stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await round;
    },
  };
}
