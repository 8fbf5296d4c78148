// Ends a child process at once, and says when it is gone.
import type { ChildProcess } from "node:child_process";

/** Nothing to do for one that has ended already. */
export async function endProcess(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  await gone;
}
