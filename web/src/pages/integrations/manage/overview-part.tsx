// How an integration is doing: why not well and what to do, what runs, what it brought, and what the vendor allows.
import type { Integration, IntegrationHealth, RateBudget } from "@opentrace/contract/integrations.ts";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CirclePause } from "lucide-react";
import { buttonClasses } from "../../../ui/button.tsx";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { May } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, Notice } from "../../../ui/states.tsx";
import { FullTime, Time } from "../../../ui/time.tsx";
import { bytesText, count, plural } from "../../../ui/time-text.ts";
import { Fact, Facts, HealthBadge } from "../marks.tsx";
import { isSyncing, SyncProgressList } from "../sync-progress.tsx";
import { connectSearch, manageSearch } from "../url.ts";
import { authWords, scopesText } from "../words.ts";
import type { PartProps } from "./manage-page.tsx";

export function OverviewPart({ integration, connector }: PartProps) {
  const { connector: connectorId, id, counts, usage, budgets } = integration;
  const method = connector?.auth.find(({ kind }) => kind === integration.auth);
  return (
    <>
      <HealthNote integration={integration} />
      {isSyncing(integration) ? (
        <Section title="Running now">
          <Card className="p-4">
            <SyncProgressList integration={integration} connector={connector} />
          </Card>
        </Section>
      ) : null}
      {counts.scopes === 0 ? (
        <Card>
          <EmptyState title="Nothing is chosen to be synced">
            <May permission="integrations:write">
              <Link
                to="/integrations/$connector/connect"
                params={{ connector: connectorId }}
                search={connectSearch({ integration: id, step: "choose" })}
                className={buttonClasses("primary")}
              >
                Choose what to sync
              </Link>
            </May>
          </EmptyState>
        </Card>
      ) : null}
      <Section title="State" aside={<HealthBadge health={integration.health} />}>
        <Card>
          <Facts>
            <Fact name="Synced from">
              <Link
                to="/integrations/$connector/$id"
                params={{ connector: connectorId, id }}
                search={manageSearch({ part: "scopes" })}
                className="rounded-sm underline underline-offset-2"
              >
                {scopesText(connector, counts.scopes)}
              </Link>
            </Fact>
            <Fact name="Items">{count(counts.items)}</Fact>
            <Fact name="Nodes">{count(counts.nodes)}</Fact>
            <Fact name="Edges">{count(counts.edges)}</Fact>
            <Fact name="Last success" wide>
              {integration.lastSuccessAt ? <FullTime at={integration.lastSuccessAt} /> : "never"}
            </Fact>
            <Fact name="Next sync">
              {integration.paused ? (
                "paused"
              ) : integration.nextSyncAt ? (
                <Time at={integration.nextSyncAt} />
              ) : (
                "not planned"
              )}
            </Fact>
            <Fact name="Credential">
              {method?.name ?? authWords[integration.auth]}
              {integration.credentialExpiresAt ? (
                <span className="block text-sm text-muted">
                  expires <Time at={integration.credentialExpiresAt} />
                </span>
              ) : null}
            </Fact>
          </Facts>
        </Card>
      </Section>
      <div className="grid gap-8 lg:grid-cols-2">
        <Section title="What the vendor allows">
          {budgets.length === 0 ? (
            <p className="text-muted">Not told yet: a vendor says it with its replies.</p>
          ) : (
            <Card>
              <ul className="divide-y divide-line">
                {budgets.map((budget) => (
                  <Budget key={budget.name} budget={budget} />
                ))}
              </ul>
            </Card>
          )}
        </Section>
        <Section title="Used so far">
          <Card>
            <Facts>
              <Fact name="Requests">{count(usage.requests)}</Fact>
              <Fact name="Not modified">{count(usage.notModified)}</Fact>
              <Fact name="Failed">{count(usage.failures)}</Fact>
              <Fact name="Told to slow down">{count(usage.throttled)}</Fact>
              <Fact name="Received" wide>
                {bytesText(usage.bytesIn)}
              </Fact>
              <Fact name="Sent" wide>
                {bytesText(usage.bytesOut)}
              </Fact>
            </Facts>
          </Card>
        </Section>
      </div>
      <Webhook integration={integration} />
    </>
  );
}

/** A pause does not hide what was wrong before it. */
function HealthNote({ integration: { health, paused } }: { integration: Integration }) {
  return (
    <>
      {paused ? (
        <Notice tone="neutral">
          <span className="flex items-center gap-2">
            <CirclePause size={15} aria-hidden className="shrink-0" />
            <span>Paused: nothing is synced until you resume it or click Sync now. What was synced stays.</span>
          </span>
        </Notice>
      ) : null}
      <Reason health={health} />
    </>
  );
}

function Reason({ health }: { health: IntegrationHealth }) {
  if (health.reason === null) return null;
  const bad = health.state === "failing" || health.state === "unauthorized";
  return (
    <div
      role={bad ? "alert" : "status"}
      className={`flex items-start gap-3 rounded-md px-4 py-3 ${bad ? "bg-bad-soft" : "bg-warn-soft"}`}
    >
      <CircleAlert size={17} aria-hidden className={`mt-0.5 shrink-0 ${bad ? "text-bad" : "text-warn"}`} />
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className={`font-medium break-words ${bad ? "text-bad" : "text-warn"}`}>{health.reason}</p>
        {health.action ? <p className="break-words">{health.action}</p> : null}
        <p className="text-sm text-muted">
          Since <Time at={health.since} />. What was synced before is still there.
        </p>
      </div>
    </div>
  );
}

function Budget({ budget: { name, limit, remaining, resetsAt } }: { budget: RateBudget }) {
  const share = limit === null || limit === 0 ? null : remaining / limit;
  return (
    <li className="flex flex-col gap-1.5 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{name}</span>
        <span className="text-sm text-muted tabular-nums">
          {count(remaining)}
          {limit === null ? " left" : ` of ${count(limit)} left`}
          {resetsAt ? (
            <>
              , full again <Time at={resetsAt} />
            </>
          ) : null}
        </span>
      </div>
      {share === null ? null : (
        <div
          role="meter"
          aria-label={`${name}: requests left`}
          aria-valuemin={0}
          aria-valuemax={limit ?? remaining}
          aria-valuenow={remaining}
          className="h-1.5 overflow-hidden rounded-full bg-sunken"
        >
          <div
            className={`h-full rounded-full ${share < 0.1 ? "bg-bad" : share < 0.3 ? "bg-warn" : "bg-ok"}`}
            style={{ width: `${Math.min(100, share * 100)}%` }}
          />
        </div>
      )}
    </li>
  );
}

function Webhook({ integration: { webhook, auth } }: { integration: Integration }) {
  if (webhook === null) return null;
  return (
    <Section title="Webhook">
      <Card className="flex flex-col gap-2 p-4">
        <div className="flex flex-wrap items-center gap-2">
          <code className="min-w-0 rounded-sm bg-sunken px-2 py-1 font-mono text-sm wrap-anywhere">{webhook.url}</code>
          <CopyButton label="Copy" text={webhook.url} />
        </div>
        <p className="text-sm text-muted">
          {webhook.hooks
            ? hooksText(webhook.hooks)
            : webhook.registered
              ? "Registered at the vendor: changes arrive within seconds."
              : auth === "app"
                ? "An app made from here has it already. If you made the app by hand, give it this address and the webhook secret."
                : "Add it at the vendor by hand, with the webhook secret of the credential; until then changes come with the next sync."}{" "}
          {webhook.lastDeliveryAt ? (
            <>
              Last delivery <Time at={webhook.lastDeliveryAt} />.
            </>
          ) : (
            "Nothing has arrived yet."
          )}
        </p>
        {webhook.hooks && webhook.hooks.refused > 0 ? (
          <Notice tone="warn">
            {webhook.hooks.reason ?? "The vendor refused to make some."} {webhook.hooks.action}
          </Notice>
        ) : null}
      </Card>
    </Section>
  );
}

/** Of a vendor where each project or group has a webhook of its own. */
function hooksText({ made, covered, refused }: NonNullable<NonNullable<Integration["webhook"]>["hooks"]>): string {
  const parts = [
    made > 0 ? `${plural(made, "webhook")} made by this server` : null,
    covered > 0 ? `${count(covered)} served by the webhook of their group` : null,
    refused > 0 ? `${count(refused)} refused: what changes there comes with the next sync` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "No webhook is needed yet: nothing is chosen." : `${parts.join(", ")}.`;
}
