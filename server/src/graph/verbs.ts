// The verbs of the graph, as doors offer them.
import type { Verb } from "../verb.ts";
import { criticalVerb } from "./critical.ts";
import { dependenciesVerb, dependentsVerb, traverseVerb } from "./dependencies.ts";
import { impactOfChangeVerb, impactVerb } from "./impact.ts";
import { listNodesVerb } from "./list-nodes.ts";
import { getNodeVerb, neighborsVerb } from "./neighbors.ts";
import { pathVerb } from "./path.ts";
import { searchVerb } from "./search.ts";
import { searchSourceVerb } from "./search-source.ts";
import { similarVerb } from "./similar.ts";
import type { SourceDeps } from "./source-files.ts";
import { sourceVerb } from "./source.ts";
import { statsVerb } from "./stats.ts";
import { topologyChangesVerb } from "./topology-changes.ts";

export function graphVerbs(deps: SourceDeps): Verb[] {
  return [
    searchVerb(deps),
    listNodesVerb(deps),
    getNodeVerb(deps),
    neighborsVerb(deps),
    dependenciesVerb(deps),
    dependentsVerb(deps),
    traverseVerb(deps),
    impactVerb(deps),
    impactOfChangeVerb(deps),
    pathVerb(deps),
    similarVerb(deps),
    criticalVerb(deps),
    statsVerb(deps),
    topologyChangesVerb(deps),
    sourceVerb(deps),
    searchSourceVerb(deps),
  ];
}
