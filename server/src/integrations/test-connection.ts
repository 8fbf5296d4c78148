// Tries a connection permission by permission, and says what the answers mean for the integration's health.
import { AppError } from "@opentrace/contract/errors.ts";
import type { IntegrationTest } from "@opentrace/contract/integrations.ts";
import type { Connections } from "./connections.ts";
import { isCredentialRefused, unauthorized } from "./health.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";

export interface TestConnectionDeps {
  integrations: Integrations;
  connections: Connections;
  now(this: void): Date;
}

const testMs = 45_000;

export type TestConnection = (row: IntegrationRow, signal: AbortSignal) => Promise<Tested>;

interface Tested {
  test: IntegrationTest;
  /** What the test ended with, for callers to whom that is a failure of their own. */
  error: AppError | null;
}

export function createTestConnection({ integrations, connections, now }: TestConnectionDeps): TestConnection {
  return async (row, signal) => {
    const started = performance.now();
    const connection = connections.open(row);
    const base = { integration: row.id, connector: row.connector, name: row.name };
    const end = () => ({ ms: Math.round(performance.now() - started), testedAt: now().toISOString() });
    try {
      const { account, checks } = await connection.connector.check(
        connection.context(AbortSignal.any([signal, AbortSignal.timeout(testMs)])),
      );
      const withTime = checks.map((check) => ({ ...check, ms: Math.round(check.ms ?? 0) }));
      const ok = withTime.every((check) => check.optional || check.state !== "missing");
      // What was told to be refused is not any more: the next sync says the rest.
      if (row.state === "unauthorized") await integrations.setHealth(row, { state: "ok", reason: null, action: null });
      return { test: { ...base, ok, account, checks: withTime, error: null, ...end() }, error: null };
    } catch (failure) {
      signal.throwIfAborted();
      const error =
        failure instanceof AppError
          ? failure
          : failure instanceof Error && failure.name === "TimeoutError"
            ? new AppError("timeout", `${connection.connector.manifest.name} did not answer in time.`, {
                cause: failure,
              })
            : null;
      if (error === null) throw failure;
      if (isCredentialRefused(error) && row.state !== "connecting")
        await integrations.setHealth(row, unauthorized(error));
      return {
        test: {
          ...base,
          ok: false,
          account: row.account,
          checks: [],
          error: { code: error.code, message: error.message },
          ...end(),
        },
        error,
      };
    } finally {
      await connection.settle().catch(() => 0);
    }
  };
}
