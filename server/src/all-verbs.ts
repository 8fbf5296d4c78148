// Every verb there is, in the order in which the doors list them.
import { AppError } from "@opentrace/contract/errors.ts";
import { accessVerbs, type AccessVerbsDeps } from "./access/open-access.ts";
import { askVerb, createGrammarAsker } from "./ask/ask-verb.ts";
import { deliveryVerbs } from "./delivery/verbs.ts";
import type { SourceDeps } from "./graph/source-files.ts";
import { graphVerbs } from "./graph/verbs.ts";
import { allIncidentVerbs, type AllIncidentVerbsDeps } from "./incidents/open-incidents.ts";
import { signInStateVerb, type SignInVerbDeps } from "./integrations/sign-in-verb.ts";
import { allIntegrationVerbs, type AllIntegrationVerbsDeps } from "./integrations/verbs.ts";
import { webhookVerbs, type WebhookVerbsDeps } from "./integrations/webhook-verbs.ts";
import { investigationVerbs, type InvestigationVerbsDeps } from "./investigation/open-investigation.ts";
import { providerVerbs, type ProviderVerbsDeps } from "./models/provider-verbs.ts";
import { jobVerbs } from "./jobs/job-verbs.ts";
import { changesVerb, type ChangesDeps } from "./repositories/changes.ts";
import { repositoryVerbs, type RepositoryVerbsDeps } from "./repositories/repository-verbs.ts";
import { screenshotVerbs, type ScreenshotVerbsDeps } from "./screenshots/screenshot-verbs.ts";
import { vlmVerbs, type VlmVerbsDeps } from "./screenshots/vlm-verbs.ts";
import type { Verb } from "./verb.ts";

export type VerbParts = RepositoryVerbsDeps &
  SourceDeps &
  ChangesDeps &
  AllIntegrationVerbsDeps &
  WebhookVerbsDeps &
  AllIncidentVerbsDeps &
  InvestigationVerbsDeps &
  ScreenshotVerbsDeps &
  ProviderVerbsDeps &
  VlmVerbsDeps &
  SignInVerbDeps &
  AccessVerbsDeps;

export function createVerbs(parts: VerbParts): Verb[] {
  const known = [...graphVerbs(parts), ...deliveryVerbs(parts), ...repositoryVerbs(parts), changesVerb(parts)];
  const incidents = allIncidentVerbs(parts);
  const investigation = investigationVerbs(parts);
  return [
    ...known,
    askVerb([createGrammarAsker([...known, ...incidents, ...investigation])], known),
    ...allIntegrationVerbs(parts),
    ...webhookVerbs(parts),
    signInStateVerb(parts),
    ...incidents,
    ...investigation,
    ...screenshotVerbs(parts),
    ...providerVerbs(parts),
    ...vlmVerbs(parts),
    ...jobVerbs(parts),
    ...accessVerbs(parts),
  ];
}

/** Every verb's name, path and schemas, for those who send them elsewhere: they can't be run. */
export function describeVerbs(): Verb[] {
  const unconnected = new Proxy(
    {},
    {
      get: () => {
        throw new AppError("internal", "This verb is described only; it is connected to nothing.");
      },
    },
  );
  return createVerbs(new Proxy({} as VerbParts, { get: () => unconnected }));
}
