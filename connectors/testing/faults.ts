// What a fake vendor does wrong when it is told to: errors, slowness, half a reply, none, nonsense.
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export type FaultKind =
  | { is: "status"; status: number; headers?: Record<string, string>; message?: string }
  | { is: "slow"; ms: number }
  /** Headers and the first bytes, then nothing any more. */
  | { is: "half-open" }
  | { is: "reset" }
  | { is: "garbage" };

export interface Faults {
  /** The next `times` requests whose `METHOD /path` matches go wrong. */
  fail(on: RegExp, does: FaultKind, times?: number): void;
  take(method: string, path: string): FaultKind | undefined;
  /** Everything goes well again. */
  clear(): void;
}

export function createFaults(): Faults {
  const faults: { on: RegExp; times: number; does: FaultKind }[] = [];
  return {
    fail: (on, does, times = 1) => void faults.push({ on, does, times }),
    take(method, path) {
      const at = faults.findIndex((fault) => fault.on.test(`${method} ${path}`));
      const fault = faults[at];
      if (fault && --fault.times <= 0) faults.splice(at, 1);
      return fault?.does;
    },
    clear: () => void faults.splice(0),
  };
}

/** Does what needs nothing of the vendor. True = the request is over. */
export async function spoil(
  fault: FaultKind | undefined,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<boolean> {
  switch (fault?.is) {
    case "slow":
      await sleep(fault.ms);
      return false;
    case "reset":
      response.destroy();
      return true;
    case "garbage":
      response.writeHead(200, headers).end("<html>Something went wrong</html>");
      return true;
    case "half-open":
      response.writeHead(200, headers).write('[{"id":');
      return true;
    default:
      return false;
  }
}
