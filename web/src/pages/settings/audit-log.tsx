// The audit log: who did what, how it ended; filtered by what is typed, older pages on demand.
import type { AuditRecord } from "@opentrace/contract/users.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { type AuditFilter, auditLog } from "../../api/people.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";
import { Time } from "../../ui/time.tsx";

export function AuditLog() {
  const [filter, setFilter] = useState<AuditFilter>({ actor: "", verb: "", outcome: "" });
  const query = useInfiniteQuery(auditLog(useDeferredValue(filter)));
  const { data, hasNextPage, fetchNextPage, isFetching } = query;
  const set = (change: Partial<AuditFilter>): void => setFilter({ ...filter, ...change });
  const records = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Section title="Audit log">
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label="What"
          placeholder="keys, or keys.create"
          value={filter.verb}
          onChange={(event) => set({ verb: event.target.value.trim() })}
        />
        <Field
          label="Who"
          placeholder="user:usr_…"
          value={filter.actor}
          onChange={(event) => set({ actor: event.target.value.trim() })}
        />
        <Select label="Outcome" value={filter.outcome} onChange={(event) => set({ outcome: event.target.value })}>
          <option value="">any</option>
          <option value="done">done</option>
          <option value="failed">failed</option>
        </Select>
      </div>
      <Card className="divide-y divide-line">
        <WhenLoaded query={query} rows={6}>
          {() =>
            records.length === 0 ? (
              <EmptyState title="Nothing like that" />
            ) : (
              <ul aria-label="Audit records" className="divide-y divide-line">
                {records.map((record) => (
                  <Line key={record.id} record={record} />
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
      {hasNextPage ? (
        <Button className="self-center" disabled={isFetching} onClick={() => void fetchNextPage()}>
          Older
        </Button>
      ) : null}
    </Section>
  );
}

function Line({ record }: { record: AuditRecord }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-sm">
      <span className="w-32 shrink-0 text-muted">
        <Time at={record.at} />
      </span>
      <span className="min-w-0 flex-1 basis-64 break-words">
        <span className="font-mono font-medium">{record.verb}</span>
        {record.target ? <span className="font-mono text-muted"> {record.target}</span> : null}
      </span>
      <span className="font-mono text-muted">{record.actor}</span>
      <span className="text-muted">{[record.door, record.address].filter(Boolean).join(" · ")}</span>
      <Badge tone={record.outcome === "done" ? "ok" : "warn"}>{record.outcome}</Badge>
    </li>
  );
}
