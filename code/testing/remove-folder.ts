// The end of a test's folder.
import { rmSync } from "node:fs";

const patienceMs = 60_000;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Removes a folder and all in it. What a killed process had started may write into the folder for a moment more, so this tries
 * again until it is gone (rmSync's own retries end within microseconds: its pauses are whole seconds, rounded down).
 */
export function removeFolder(folder: string): void {
  for (const until = Date.now() + patienceMs; ; Atomics.wait(pause, 0, 0, 50)) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      const isBusy =
        error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EBUSY");
      if (!isBusy || Date.now() > until) throw error;
    }
  }
}
