// From an integration's row to what a connector works with: config, authorized HTTP, log. Connections are kept from call to call.
import type { Breaker } from "@opentrace/connectors/breaker.ts";
import type { Connector, ConnectorContext } from "@opentrace/connectors/connector.ts";
import { createUpstream, type Authorizer, type Http, type Upstream } from "@opentrace/connectors/http.ts";
import { createNetworkGuard, type NetworkRules, type Resolve } from "@opentrace/connectors/network-guard.ts";
import { createTransport, type Transport } from "@opentrace/connectors/transport.ts";
import type { Log } from "../verb.ts";
import { createAuthorizer } from "./authorizer.ts";
import type { IntegrationRow, Integrations } from "./integrations.ts";
import { authMethod, type Registry } from "./registry.ts";

export interface Connection {
  connector: Connector;
  config: Record<string, unknown>;
  context(signal: AbortSignal): ConnectorContext<Record<string, unknown>>;
  /** For signing in: requests carry no credential. */
  anonymous(signal: AbortSignal): Http;
  /** Writes what was used since the last time, and the budgets, to the row; answers the number of requests. */
  settle(): Promise<number>;
}

export interface Connections {
  open(row: IntegrationRow): Connection;
  /** Its config or credential changed, or it is gone. */
  forget(id: string): void;
  close(): Promise<void>;
}

export interface ConnectionsDeps {
  integrations: Integrations;
  registry: Registry;
  network: NetworkRules;
  log: Log;
  now(this: void): Date;
  resolve?: Resolve;
}

interface Held {
  madeOf: string;
  upstream: Upstream;
  authorizer: Authorizer;
}

export function createConnections({
  integrations,
  registry,
  network,
  log,
  now,
  resolve,
}: ConnectionsDeps): Connections {
  const guard = resolve === undefined ? createNetworkGuard(network) : createNetworkGuard(network, resolve);
  const transports = new Map<string, Transport>();
  const breakers = new Map<string, Breaker>();
  const held = new Map<string, Held>();

  function transportFor(ca: string): Transport {
    let transport = transports.get(ca);
    if (transport === undefined)
      transports.set(ca, (transport = createTransport({ guard, ...(ca === "" ? {} : { ca }) })));
    return transport;
  }

  function hold(row: IntegrationRow, connector: Connector, config: Record<string, unknown>): Held {
    const madeOf = `${row.config} ${row.auth}`;
    const known = held.get(row.id);
    if (known?.madeOf === madeOf) return known;
    const method = authMethod(connector, row.auth);
    const { base, also = [] } = connector.origins(config);
    const ca = typeof config["ca"] === "string" ? config["ca"] : "";
    const upstream = createUpstream({
      name: connector.manifest.name,
      base,
      also,
      policy: connector.policy,
      permissions: method.permissions,
      transport: transportFor(ca),
      breakers,
      now,
    });
    const authorizer = createAuthorizer({
      integrations,
      reread: () => integrations.find(row.id, row.workspace),
      method,
      config,
      http: (signal) => upstream.http({ signal, authorizer: null }),
      log,
      now,
    });
    const made = { madeOf, upstream, authorizer };
    held.set(row.id, made);
    return made;
  }

  return {
    open(row) {
      const connector = registry.find(row.connector);
      const config = connector.config.parse(JSON.parse(row.config));
      const { upstream, authorizer } = hold(row, connector, config);
      const ownLog = logOf(row.id, integrations, log);
      return {
        connector,
        config,
        anonymous: (signal) => upstream.http({ signal, authorizer: null }),
        context: (signal) => ({
          config,
          http: upstream.http({ signal, authorizer }),
          authorize: (asked) => authorizer.current(asked),
          log: ownLog,
          now,
          signal,
        }),
        async settle() {
          const usage = upstream.takeUsage();
          await integrations.addUsage(row.id, usage, upstream.budgets());
          return usage.requests;
        },
      };
    },
    forget: (id) => void held.delete(id),
    async close() {
      for (const transport of transports.values()) await transport.close();
    },
  };
}

/** To the server's log, and (but for debug) to the one on the integration's page. */
function logOf(id: string, integrations: Integrations, log: Log): Log {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (fields: object, message: string): void => {
      log[level]({ integration: id, ...fields }, message);
      if (level === "debug") return;
      integrations
        .writeLog(id, level, message, fields)
        .catch((err: unknown) => log.warn({ err, integration: id }, "log line not kept"));
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
