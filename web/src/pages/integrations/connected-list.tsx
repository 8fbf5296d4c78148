// Integrations that are connected, one a row: what they are, how they do, what they brought and when.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import { Card } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { plural } from "../../ui/time-text.ts";
import { ConnectorIcon, HealthBadge } from "./marks.tsx";
import { connectSearch } from "./url.ts";
import { scopesText } from "./words.ts";

const rowClasses =
  "grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1.5 px-4 py-3 hover:bg-sunken sm:grid-cols-[auto_minmax(0,1fr)_auto]";

export function ConnectedList({ list, available }: { list: Integration[]; available: AvailableIntegration[] }) {
  return (
    <Card>
      <ul className="divide-y divide-line">
        {list.map((integration) => (
          <li key={integration.id} className="first:*:rounded-t-lg last:*:rounded-b-lg">
            <Row integration={integration} of={available.find(({ id }) => id === integration.connector)} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Row({ integration, of }: { integration: Integration; of: AvailableIntegration | undefined }) {
  const { id, connector, name, account, health } = integration;
  const body = (
    <>
      <ConnectorIcon of={of ?? { icon: `/icons/integrations/${connector}.svg` }} size={20} />
      <span className="flex min-w-0 flex-col">
        <span className="font-medium break-words">{name}</span>
        <span className="text-sm break-words text-faint">
          {of?.name ?? connector}
          {account && account !== name ? ` · ${account}` : ""}
          {" · "}
          <Outcome integration={integration} of={of} />
        </span>
      </span>
      <span className="col-start-2 sm:col-start-3">
        <HealthBadge health={health} />
      </span>
      {health.reason ? <span className="col-start-2 text-sm text-muted sm:col-span-2">{health.reason}</span> : null}
    </>
  );
  // Where a person left off: the rest of the wizard.
  if (health.state === "connecting")
    return (
      <Link
        to="/integrations/$connector/connect"
        params={{ connector }}
        search={connectSearch({ integration: id })}
        data-focus-inset
        className={rowClasses}
      >
        {body}
      </Link>
    );
  return (
    <Link to="/integrations/$connector/$id" params={{ connector, id }} data-focus-inset className={rowClasses}>
      {body}
    </Link>
  );
}

function Outcome({ integration, of }: { integration: Integration; of: AvailableIntegration | undefined }) {
  const { syncing, waiting, counts, lastSuccessAt, health } = integration;
  if (health.state === "connecting") return "sign-in not finished";
  if (syncing.length > 0 || waiting > 0)
    return (
      <span className="text-accent-text">
        <RefreshCw size={12} aria-hidden className="mr-1 inline animate-spin" />
        syncing {scopesText(of, syncing.length + waiting)}
      </span>
    );
  if (counts.scopes === 0) return "nothing chosen to be synced";
  return (
    <>
      {plural(counts.items, "item")} of {scopesText(of, counts.scopes)}
      {lastSuccessAt ? (
        <>
          , synced <Time at={lastSuccessAt} />
        </>
      ) : (
        ", not synced yet"
      )}
    </>
  );
}
