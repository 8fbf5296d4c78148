// All verbs of integrations, for the doors.
import type { Verb } from "../verb.ts";
import { integrationVerbs } from "./integration-verbs.ts";
import { scopeVerbs, type ScopeVerbsDeps } from "./scope-verbs.ts";
import { syncVerbs, type SyncVerbsDeps } from "./sync-verbs.ts";

export type AllIntegrationVerbsDeps = ScopeVerbsDeps & SyncVerbsDeps;

export const allIntegrationVerbs = (deps: AllIntegrationVerbsDeps): Verb[] => [
  ...integrationVerbs(deps),
  ...scopeVerbs(deps),
  ...syncVerbs(deps),
];
