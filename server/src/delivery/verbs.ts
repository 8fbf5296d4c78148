// The verbs over delivery, as doors offer them.
import type { GraphDeps } from "../graph/view.ts";
import type { Verb } from "../verb.ts";
import { deploymentsVerb } from "./deployments.ts";
import { issuesVerb } from "./issues.ts";
import { overviewVerb } from "./overview.ts";
import { ownersVerb } from "./owners.ts";
import { pipelinesVerb } from "./pipelines.ts";
import { pullRequestsVerb } from "./pull-requests.ts";

export function deliveryVerbs(deps: GraphDeps): Verb[] {
  return [
    overviewVerb(deps),
    pullRequestsVerb(deps),
    issuesVerb(deps),
    pipelinesVerb(deps),
    deploymentsVerb(deps),
    ownersVerb(deps),
  ];
}
