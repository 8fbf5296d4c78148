// One incident: what it is and who has it on top, and below whatever is known about it, part by part.
import type { IncidentDetail } from "@opentrace/contract/incidents.ts";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { incidents } from "../../../api/incident-queries.ts";
import { useShortcuts } from "../../../app/shortcuts.ts";
import { PageOfOne } from "../../../ui/page-of-one.tsx";
import { PartsNav } from "../../../ui/parts-nav.tsx";
import { Trail } from "../marks.tsx";
import { type DetailState, detailSearch, type Part, parseDetail } from "../url.ts";
import { ConflictDialog } from "./conflict-dialog.tsx";
import { ActionsPart } from "./actions-part.tsx";
import { HypothesesPart } from "./hypotheses-part.tsx";
import { PostmortemPart } from "./postmortem-part.tsx";
import { RunbooksPart } from "./runbooks-part.tsx";
import { TimelinePart } from "./timeline-part.tsx";
import { EvidencePart } from "./evidence-part.tsx";
import { Header } from "./header.tsx";
import { OverviewPart } from "./overview-part.tsx";
import { type Change, useChange } from "./use-change.ts";

export interface PartProps {
  incident: IncidentDetail;
  change: Change;
  state: DetailState;
  onChange: (next: Partial<DetailState>) => void;
}

const shownParts: readonly [Part, string][] = [
  ["overview", "Overview"],
  ["timeline", "Timeline"],
  ["evidence", "Evidence"],
  ["hypotheses", "Hypotheses"],
  ["actions", "Actions"],
  ["runbooks", "Runbooks"],
  ["postmortem", "Postmortem"],
];

export function IncidentPage() {
  const { id } = useParams({ from: "/incidents/$id" });
  return (
    <PageOfOne
      query={useQuery(incidents.one(id))}
      kind="Incident"
      titleOf={({ reference, title }) => `${reference} ${title}`}
      above={<Trail />}
      gone={{
        title: `There is no incident ${id}`,
        why: "The link may be mistyped.",
        link: { to: "/incidents" },
        linkLabel: "All incidents",
      }}
    >
      {(incident) => <Loaded key={incident.id} incident={incident} id={id} />}
    </PageOfOne>
  );
}

function Loaded({ incident, id }: { incident: IncidentDetail; id: string }) {
  const state = parseDetail(useSearch({ from: "/incidents/$id" }));
  const navigate = useNavigate();
  const change = useChange(id);
  const go = (next: Partial<DetailState>, replace = true): void =>
    void navigate({ to: "/incidents/$id", params: { id }, search: detailSearch({ ...state, ...next }), replace });
  const common = { incident, change, state, onChange: go };
  const part = shownParts.find(([each]) => each === state.part)?.[0] ?? "overview";
  useShortcuts(
    Object.fromEntries(
      shownParts.map(([each], index) => [String(index + 1), () => go({ part: each, kind: [], show: null }, false)]),
    ),
  );
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-6 px-4 py-6 sm:px-8">
      <Header incident={incident} change={change} />
      <PartsNav
        label="Parts of this incident"
        shown={part}
        parts={shownParts.map(([each, label]) => ({
          id: each,
          label:
            each === "evidence" && incident.evidence_count > 0 ? (
              <>
                {label} <span className="text-sm font-normal text-faint tabular-nums">{incident.evidence_count}</span>
              </>
            ) : (
              label
            ),
          link: { to: "/incidents/$id", params: { id }, search: detailSearch({ part: each }) },
        }))}
      />
      {part === "timeline" ? (
        <TimelinePart {...common} />
      ) : part === "evidence" ? (
        <EvidencePart {...common} />
      ) : part === "hypotheses" ? (
        <HypothesesPart {...common} />
      ) : part === "actions" ? (
        <ActionsPart {...common} />
      ) : part === "runbooks" ? (
        <RunbooksPart {...common} />
      ) : part === "postmortem" ? (
        <PostmortemPart {...common} />
      ) : (
        <OverviewPart {...common} />
      )}
      <ConflictDialog change={change} />
    </div>
  );
}
