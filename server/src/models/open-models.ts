// Models as a whole: what application.ts constructs.
import { createNetworkGuard, type NetworkRules } from "@opentrace/connectors/network-guard.ts";
import { createTransport } from "@opentrace/connectors/transport.ts";
import type { Sealer } from "../access/seal.ts";
import type { Config } from "../config.ts";
import type { Store } from "../store/store.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { createModels, type Models } from "./models.ts";
import { createProviders, type Providers } from "./providers.ts";

export interface OpenModelsDeps {
  store: Pick<Store, "app">;
  sealer: Sealer;
  config: Config["models"];
  network: NetworkRules;
  now(this: void): Date;
}

export interface OpenModels {
  parts: { modelProviders: Providers; models: Models };
  close(this: void): Promise<void>;
}

export function openModels({ store, sealer, config, network, now }: OpenModelsDeps): OpenModels {
  const transport = createTransport({ guard: createNetworkGuard(network) });
  const environment = config.environment.map((one) => ({
    ...one,
    id: `env_${one.name.toLowerCase().replaceAll(" ", "-")}`,
  }));
  const providers = createProviders({ store, sealer, environment, off: config.off, now });
  const models = createModels({ providers, fetch: createGuardedFetch(transport), off: config.off, now });
  return { parts: { modelProviders: providers, models }, close: () => transport.close() };
}
