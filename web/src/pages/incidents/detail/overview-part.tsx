// The incident at a glance: what is known, what it affects, what was done to it, and the latest evidence.
import { type IncidentDetail, incidentLimits } from "@opentrace/contract/incidents.ts";
import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "../../../ui/button.tsx";
import { TextArea } from "../../../ui/field.tsx";
import { Markdown } from "../../../ui/markdown.tsx";
import { NodeMark } from "../../../ui/node-mark.tsx";
import { May } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { FullTime } from "../../../ui/time.tsx";
import { TokenField } from "../../../ui/token-field.tsx";
import { exploreSearch } from "../../explore/url.ts";
import { ServicesField } from "../services-field.tsx";
import { History } from "./history.tsx";
import type { PartProps } from "./incident-page.tsx";
import { LatestEvidence } from "./latest-evidence.tsx";
import type { Change } from "./use-change.ts";

export function OverviewPart({ incident, change }: PartProps) {
  return (
    <div className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-8">
        <Description incident={incident} change={change} />
        <LatestEvidence incident={incident} />
        <History incident={incident} />
      </div>
      <div className="flex min-w-0 flex-col gap-6">
        <Services incident={incident} change={change} />
        <Tags incident={incident} change={change} />
        <Side title="Times">
          <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1">
            {(
              [
                ["Began", incident.started_at],
                ["Declared", incident.created_at],
                ["Taken up", incident.acknowledged_at],
                ["Resolved", incident.resolved_at],
                ["Closed", incident.closed_at],
              ] as const
            ).map(([name, at]) =>
              at === null ? null : (
                <div key={name} className="contents">
                  <dt className="text-muted">{name}</dt>
                  <dd className="[&>span]:whitespace-normal">
                    <FullTime at={at} />
                  </dd>
                </div>
              ),
            )}
            <dt className="text-muted">By</dt>
            <dd className="wrap-anywhere">{incident.created_by_name ?? incident.created_by}</dd>
          </dl>
        </Side>
        {Object.keys(incident.incident_metadata).length > 0 ? (
          <Side title="Metadata">
            <pre
              tabIndex={0}
              aria-label="Metadata"
              className="max-h-64 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs"
            >
              {JSON.stringify(incident.incident_metadata, null, 2)}
            </pre>
          </Side>
        ) : null}
        {incident.duplicates.length > 0 ? (
          <Side title="Duplicates merged into this one">
            <ul className="flex flex-col gap-1">
              {incident.duplicates.map(({ id, reference, title }) => (
                <li key={id} className="truncate">
                  <Link to="/incidents/$id" params={{ id: reference }} className="rounded-sm hover:underline">
                    <span className="text-muted">{reference}</span> {title}
                  </Link>
                </li>
              ))}
            </ul>
          </Side>
        ) : null}
      </div>
    </div>
  );
}

interface Editable {
  incident: IncidentDetail;
  change: Change;
}

function Description({ incident, change }: Editable) {
  const [base, setBase] = useState<IncidentDetail | null>(null);
  const [typed, setTyped] = useState("");
  const save = async (): Promise<void> => {
    if (base === null) return;
    setBase(null);
    if (typed !== (base.description ?? ""))
      await change.make({ description: typed.trim() === "" ? null : typed }, base);
  };
  return (
    <Section
      title="What is known"
      aside={
        base === null ? (
          <EditButton
            label="Change what is known"
            hidden={false}
            onClick={() => (setBase(incident), setTyped(incident.description ?? ""))}
          />
        ) : null
      }
    >
      {base !== null ? (
        <div className="flex flex-col gap-3">
          <TextArea
            label="What is known"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            maxLength={incidentLimits.description}
            rows={8}
            autoFocus
            hint="Markdown."
          />
          <div className="flex gap-2">
            <Button look="primary" onClick={() => void save()}>
              Save
            </Button>
            <Button look="quiet" onClick={() => setBase(null)}>
              Cancel
            </Button>
          </div>
        </div>
      ) : incident.description === null ? (
        <p className="text-muted">Nothing is written down yet.</p>
      ) : (
        <Card className="p-4">
          <Markdown text={incident.description} />
        </Card>
      )}
    </Section>
  );
}

function Services({ incident, change }: Editable) {
  const [editing, setEditing] = useState<{ base: IncidentDetail; services: string[] } | null>(null);
  return (
    <Side
      title="Affected services"
      aside={
        <EditButton
          label="Change the affected services"
          hidden={editing !== null}
          onClick={() => setEditing({ base: incident, services: incident.affected_services })}
        />
      }
    >
      {editing ? (
        <Editing
          onSave={() => {
            setEditing(null);
            void change.make({ affected_services: editing.services }, editing.base);
          }}
          onCancel={() => setEditing(null)}
        >
          <ServicesField
            values={editing.services}
            onChange={(services) => setEditing({ ...editing, services })}
            hideLabel
            autoFocus
          />
        </Editing>
      ) : incident.affected_nodes.length === 0 ? (
        <p className="text-muted">None named. Without one, changes are looked for everywhere.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {incident.affected_nodes.map(({ service, node }) => (
            <li key={service} className="flex min-w-0 items-center gap-2">
              {node ? (
                <Link
                  to="/explore"
                  search={exploreSearch({ open: [{ id: node.id, count: 12 }], select: node.id })}
                  className="flex min-w-0 items-center gap-2 rounded-sm hover:underline"
                >
                  <NodeMark type={node.type} />
                  <span className="truncate font-medium">{service}</span>
                </Link>
              ) : (
                <>
                  <span className="truncate">{service}</span>
                  <span className="shrink-0 text-sm text-faint">not in the graph</span>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Side>
  );
}

function Tags({ incident, change }: Editable) {
  const [editing, setEditing] = useState<{ base: IncidentDetail; tags: string[] } | null>(null);
  return (
    <Side
      title="Tags"
      aside={
        <EditButton
          label="Change the tags"
          hidden={editing !== null}
          onClick={() => setEditing({ base: incident, tags: incident.tags })}
        />
      }
    >
      {editing ? (
        <Editing
          onSave={() => {
            setEditing(null);
            void change.make({ tags: editing.tags }, editing.base);
          }}
          onCancel={() => setEditing(null)}
        >
          <TokenField
            label="Tags"
            noun="tag"
            values={editing.tags}
            onChange={(tags) => setEditing({ ...editing, tags })}
            hint="Enter adds one."
            hideLabel
            autoFocus
          />
        </Editing>
      ) : incident.tags.length === 0 ? (
        <p className="text-muted">None.</p>
      ) : (
        <ul className="flex flex-wrap gap-1">
          {incident.tags.map((tag) => (
            <li key={tag} className="max-w-full truncate rounded-sm bg-sunken px-1.5 text-sm">
              {tag}
            </li>
          ))}
        </ul>
      )}
    </Side>
  );
}

const EditButton = ({ label, hidden, onClick }: { label: string; hidden: boolean; onClick: () => void }) =>
  hidden ? null : (
    <May permission="incidents:write">
      <IconButton label={label} onClick={onClick}>
        <Pencil size={14} aria-hidden />
      </IconButton>
    </May>
  );

const Editing = ({ children, onSave, onCancel }: { children: ReactNode; onSave: () => void; onCancel: () => void }) => (
  <div className="flex flex-col gap-2">
    {children}
    <div className="flex gap-2">
      <Button small look="primary" onClick={onSave}>
        Save
      </Button>
      <Button small look="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  </div>
);

const Side = ({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) => (
  <section aria-label={title} className="flex flex-col gap-2">
    <div className="flex min-h-8 items-center justify-between gap-2">
      <h2 className="text-sm font-medium text-muted">{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);
