// Small parts that every integrations screen shows: the way here, a connector's icon, health as a badge, facts in a grid.
import type { AvailableIntegration, IntegrationHealth } from "@opentrace/contract/integrations.ts";
import { Plug } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge } from "../../ui/badge.tsx";
import { Trail as PathTrail } from "../../ui/trail.tsx";
import { healthWords } from "./words.ts";

/** “Integrations › GitHub”: the places above this page. */
export const Trail = ({ connector }: { connector?: { id: string; name: string } | undefined }) => (
  <PathTrail
    steps={[
      { label: "Integrations", link: { to: "/integrations" } },
      ...(connector
        ? [
            {
              label: connector.name,
              link: { to: "/integrations/$connector" as const, params: { connector: connector.id } },
            },
          ]
        : []),
    ]}
  />
);

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
