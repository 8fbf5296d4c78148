// Small parts that every integrations screen shows: the way here, a connector's icon, health as a badge, facts in a grid.
import type { AvailableIntegration, IntegrationHealth } from "@opentrace/contract/integrations.ts";
import { Link } from "@tanstack/react-router";
import { ChevronRight, Plug } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge } from "../../ui/badge.tsx";
import { healthWords } from "./words.ts";

const linkClasses = "rounded-sm underline-offset-2 hover:text-text hover:underline";

/** “Integrations › GitHub”: the places above this page. */
export function Trail({ connector }: { connector?: { id: string; name: string } | undefined }) {
  return (
    <nav aria-label="Breadcrumb" className="text-sm text-muted">
      <ol className="flex flex-wrap items-center gap-1">
        <li>
          <Link to="/integrations" className={linkClasses}>
            Integrations
          </Link>
        </li>
        {connector ? (
          <li className="flex min-w-0 items-center gap-1">
            <ChevronRight size={13} aria-hidden className="text-faint" />
            <Link to="/integrations/$connector" params={{ connector: connector.id }} className={linkClasses}>
              {connector.name}
            </Link>
          </li>
        ) : null}
      </ol>
    </nav>
  );
}

export function ConnectorIcon({ of, size = 28 }: { of: Pick<AvailableIntegration, "icon">; size?: number }) {
  const [broken, setBroken] = useState(false);
  return (
    // Vendors' marks are drawn for a light ground.
    <span className="inline-grid shrink-0 place-items-center rounded-md border border-line bg-[#fff] p-1.5">
      {broken ? (
        <Plug size={size} aria-hidden className="text-[#52525b]" />
      ) : (
        <img src={of.icon} alt="" width={size} height={size} onError={() => setBroken(true)} />
      )}
    </span>
  );
}

export function HealthBadge({ health }: { health: IntegrationHealth }) {
  const [word, tone] = healthWords[health.state];
  return (
    <Badge tone={tone} dot>
      {word}
    </Badge>
  );
}

export const Facts = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg bg-line lg:grid-cols-4">{children}</dl>
);

export function Fact({ name, children, wide = false }: { name: string; children: ReactNode; wide?: boolean }) {
  return (
    <div className={`min-w-0 bg-surface px-4 py-3 ${wide ? "col-span-2" : ""}`}>
      <dt className="text-sm text-faint">{name}</dt>
      <dd className="break-words tabular-nums">{children}</dd>
    </div>
  );
}
