// Where an edge or node was seen: links into the source, with confidence, rule and who says so.
import type { GraphEdge, GraphNode, Provenance } from "@opentrace/contract/graph.ts";
import { Link } from "@tanstack/react-router";
import { placeOfEvidence, repositoryKeyOf } from "../../graph/describe.ts";
import { Badge } from "../../ui/badge.tsx";
import { edgeWord } from "../../ui/node-types.ts";
import { Time } from "../../ui/time.tsx";
import { sourceSearch } from "../source/url.ts";

function Confidence({ value }: { value: number }) {
  if (value >= 1) return <Badge tone="ok">Stated</Badge>;
  const percent = `${Math.round(value * 100)}%`;
  return <Badge tone={value >= 0.8 ? "neutral" : "warn"}>{percent} sure</Badge>;
}

/** `near` is an end of the edge: its repository is the one that evidence paths are in. */
export function EvidenceLink({ evidence, near }: { evidence: string; near: GraphNode | undefined }) {
  const place = placeOfEvidence(evidence);
  const repository = near ? repositoryKeyOf(near) : null;
  if (place && repository)
    return (
      <Link
        to="/source"
        search={sourceSearch({
          repository,
          path: place.path,
          lines: place.line === null ? null : { start: place.line, end: place.line },
        })}
        className="rounded-sm font-mono text-sm break-all text-accent-text hover:underline"
      >
        {evidence}
      </Link>
    );
  if (/^https?:\/\//.test(evidence))
    return (
      <a
        href={evidence}
        rel="noreferrer noopener"
        target="_blank"
        className="rounded-sm text-sm break-all text-accent-text hover:underline"
      >
        {evidence}
      </a>
    );
  return <span className="font-mono text-sm break-all">{evidence}</span>;
}

export function Claim({ claim, near }: { claim: Provenance; near: GraphNode | undefined }) {
  return (
    <div className="flex flex-col gap-1.5">
      {claim.evidence.length > 0 ? (
        <ul className="flex flex-col gap-0.5">
          {claim.evidence.map((evidence) => (
            <li key={evidence}>
              <EvidenceLink evidence={evidence} near={near} />
            </li>
          ))}
        </ul>
      ) : null}
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted">
        <Confidence value={claim.confidence} />
        {claim.rule ? <span>rule: {claim.rule}</span> : null}
        <span>
          by {claim.sourceName}, <Time at={claim.observedAt} />
        </span>
      </p>
    </div>
  );
}

export function EdgeDetails({ edge, near }: { edge: GraphEdge; near: GraphNode | undefined }) {
  const amount = typeof edge.props.count === "number" ? edge.props.count : null;
  const shown = edge.provenance.reduce((sum, claim) => sum + claim.evidence.length, 0);
  const alias = edge.props.alias;
  return (
    <div className="flex flex-col gap-2">
      <p className="font-medium">
        {edgeWord(edge.type)}
        {typeof alias === "string" ? <span className="font-normal text-muted"> as {alias}</span> : null}
      </p>
      {edge.provenance.map((claim) => (
        <Claim key={`${claim.source} ${claim.scope}`} claim={claim} near={near} />
      ))}
      {amount !== null && amount > shown ? (
        <p className="text-sm text-faint">
          {shown} of {amount} places
        </p>
      ) : null}
    </div>
  );
}
