// Who changed what of the incident, newest first.
import type { IncidentChange, IncidentDetail } from "@opentrace/contract/incidents.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { z } from "zod";
import { incidents } from "../../../api/incident-queries.ts";
import { ShowMore } from "../../../ui/show-more.tsx";
import { Comment } from "./comment.tsx";
import { CommentBox } from "./comment-box.tsx";
import { May } from "../../../ui/may.tsx";
import { Section } from "../../../ui/page.tsx";
import { ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { fieldWord, valueText } from "../words.ts";

export function History({ incident }: { incident: IncidentDetail }) {
  const query = useInfiniteQuery(incidents.history(incident.id));
  const { data, error, refetch } = query;
  const said = useInfiniteQuery(incidents.comments(incident.id));
  const comments = new Map(said.data?.pages.flatMap(({ items }) => items.map((each) => [each.id, each])));
  const changes = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section title="History">
      <May permission="incidents:write">
        <CommentBox incident={incident.id} />
      </May>
      {error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error ? <SkeletonRows rows={3} /> : null}
      <ol className="flex flex-col gap-2 border-l border-line pl-4">
        {changes.toReversed().map((change) => (
          <li key={change.id} className="wrap-anywhere">
            {change.kind === "commented" ? (
              <Comment incident={incident.id} comment={comments.get(change.subject ?? "")} />
            ) : (
              <ChangeText change={change} />
            )}{" "}
            <span className="text-sm whitespace-nowrap text-faint">
              {change.actor_name ?? change.actor}, <Time at={change.at} />
            </span>
          </li>
        ))}
      </ol>
      <ShowMore query={query} label="Load later changes" />
    </Section>
  );
}

/** Of evidence its kind and title are recorded. */
function titleOf(value: unknown): string {
  const known = z.object({ title: z.string() }).safeParse(value);
  return known.success ? known.data.title : valueText(value);
}

function ChangeText({ change: { kind, field, from, to } }: { change: IncidentChange }) {
  if (kind === "created") return "Declared";
  if (kind === "evidence_added") return <>Evidence added: {titleOf(to)}</>;
  if (kind === "evidence_removed") return <>Evidence removed: {titleOf(from)}</>;
  if (kind === "merged") return "Merged";
  if (kind === "unmerged") return "Taken apart again";
  return (
    <>
      <span className="font-medium">{fieldWord(field ?? "something")}</span>{" "}
      {field === "description" || field === "incident_metadata" ? (
        "changed"
      ) : (
        <>
          from {valueText(from)} to <span className="font-medium">{valueText(to)}</span>
        </>
      )}
    </>
  );
}
