// “Integrations > GitHub”: what it brings and needs, and what of it is connected.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import { Check, ExternalLink, Plus } from "lucide-react";
import { findAvailable, integrations } from "../../api/integration-queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { buttonClasses } from "../../ui/button.tsx";
import { May } from "../../ui/may.tsx";
import { Card, PageFrame, Section, usePageTitle } from "../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../ui/states.tsx";
import { ConnectedList } from "./connected-list.tsx";
import { ConnectorIcon, Trail } from "./marks.tsx";
import { connectSearch } from "./url.ts";

export function ConnectorPage() {
  const { connector: id } = useParams({ from: "/integrations/$connector" });
  const { data, error, refetch } = useQuery(integrations.available);
  const connector = findAvailable(data, id);
  // Pages that know an integration by its id alone lead here, too.
  const named = useQuery({ ...integrations.all, enabled: data !== undefined && !connector }).data?.integrations.find(
    (each) => each.id === id,
  );
  usePageTitle(connector ? `${connector.name} integration` : "Integration");
  if (connector) return <Loaded connector={connector} />;
  if (named) return <ToIntegration integration={named} />;
  return (
    <PageFrame title="Integration" above={<Trail />}>
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <NoConnector id={id} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </PageFrame>
  );
}

/** To the wizard while there is something left to do there. */
function ToIntegration({ integration: { id, connector, health, counts } }: { integration: Integration }) {
  return health.state === "connecting" || counts.scopes === 0 ? (
    <Navigate
      to="/integrations/$connector/connect"
      params={{ connector }}
      search={connectSearch({ integration: id })}
      replace
    />
  ) : (
    <Navigate to="/integrations/$connector/$id" params={{ connector, id }} replace />
  );
}

export const NoConnector = ({ id }: { id: string }) => (
  <EmptyState title={`There is no integration “${id}” in this server`}>
    <Link to="/integrations" className={buttonClasses()}>
      All integrations
    </Link>
  </EmptyState>
);

function Loaded({ connector }: { connector: AvailableIntegration }) {
  const { data, error, refetch } = useQuery(integrations.all);
  const connected = data?.integrations.filter((each) => each.connector === connector.id) ?? [];
  return (
    <PageFrame
      above={<Trail />}
      title={
        <span className="flex items-center gap-3">
          <ConnectorIcon of={connector} />
          {connector.name}
        </span>
      }
      lead={connector.summary}
      actions={
        <May permission="integrations:write">
          <Link
            to="/integrations/$connector/connect"
            params={{ connector: connector.id }}
            className={buttonClasses(connected.length === 0 ? "primary" : "plain")}
          >
            <Plus size={15} aria-hidden />
            {connected.length === 0 ? `Connect ${connector.name}` : "Connect another"}
          </Link>
        </May>
      }
    >
      {error && !data ? <ErrorNote error={error} onRetry={() => void refetch()} /> : null}
      {connected.length > 0 ? (
        <Section title="Connected">
          <ConnectedList list={connected} available={[connector]} />
        </Section>
      ) : null}
      <div className="grid gap-8 lg:grid-cols-2">
        <Section title="What gets synced">
          <Card className="p-4">
            <ul className="flex flex-col gap-2">
              {connector.provides.map((each) => (
                <li key={each} className="flex items-start gap-2.5">
                  <Check size={15} aria-hidden className="mt-0.5 shrink-0 text-ok" />
                  {each}
                </li>
              ))}
            </ul>
            {connector.streams.length > 0 ? (
              <details className="mt-4 border-t border-line pt-3">
                <summary className="rounded-sm text-sm text-muted hover:text-text">In detail</summary>
                <dl className="mt-3 flex flex-col gap-2">
                  {connector.streams.map((stream) => (
                    <div key={stream.id}>
                      <dt className="font-medium">{stream.name}</dt>
                      <dd className="text-sm text-muted">{stream.summary}</dd>
                    </div>
                  ))}
                </dl>
              </details>
            ) : null}
          </Card>
        </Section>
        <Section title="Permissions required">
          <Card className="p-4">
            <Permissions connector={connector} />
          </Card>
        </Section>
      </div>
      <p className="text-sm text-muted">
        Ways to connect: {connector.auth.map(({ name }) => name).join(", ")}.{" "}
        <a
          href={connector.docs}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 text-accent-text underline underline-offset-2"
        >
          {connector.name}’s own documentation <ExternalLink size={13} aria-hidden />
        </a>
      </p>
    </PageFrame>
  );
}

/** Those of all ways of authenticating, each once. */
function Permissions({ connector }: { connector: AvailableIntegration }) {
  const all = new Map(connector.auth.flatMap(({ permissions }) => permissions.map((each) => [each.id, each] as const)));
  if (all.size === 0) return <p className="text-muted">None beyond the credential itself.</p>;
  return (
    <ul className="flex flex-col gap-2.5">
      {[...all.values()].map(({ id, name, why, optional }) => (
        <li key={id} className="flex items-baseline justify-between gap-x-3">
          <span>
            <span className="font-medium">{name}</span> <span className="text-sm text-muted">to {why}</span>
          </span>
          <Badge tone={optional ? "neutral" : "accent"}>{optional ? "optional" : "required"}</Badge>
        </li>
      ))}
    </ul>
  );
}
