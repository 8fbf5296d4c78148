import { edgeTypes, nodeTypes } from "@opentrace/contract/graph.ts";
import { expect, it } from "vitest";

// What stores of earlier versions hold: add a new type at the end here too, and change nothing else.
const storedNodeTypes =
  "Repository Branch Commit Directory File Module Class Interface Function Method Variable Package Issue PullRequest Pipeline " +
  "Deployment Person Team Cluster Namespace Workload Pod Container Image KubernetesService Ingress Service Operation Database " +
  "Queue Cache ExternalService Dashboard Alert Incident Runbook Release";
const storedEdgeTypes =
  "CONTAINS DEFINES IMPORTS CALLS EXTENDS IMPLEMENTS REFERENCES DEPENDS_ON TESTS CHANGES MENTIONS OWNS AUTHORED BUILDS DEPLOYS " +
  "RUNS SELECTS ROUTES_TO REQUESTS READS WRITES PUBLISHES CONSUMES MONITORS AFFECTS SAME_AS REVIEWED";

it("keeps the number of every node and edge type that a store may hold", () => {
  expect(nodeTypes.join(" ")).toBe(storedNodeTypes);
  expect(edgeTypes.join(" ")).toBe(storedEdgeTypes);
});
