// What was noticed while it synced, newest first.
import type { IntegrationLogLine } from "@opentrace/contract/integrations.ts";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { integrations } from "../../../api/integration-queries.ts";
import { Badge, type Tone } from "../../../ui/badge.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { Field, Select } from "../../../ui/field.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { Time } from "../../../ui/time.tsx";
import { levels } from "../url.ts";
import type { PartProps } from "./manage-page.tsx";

const tones: Record<IntegrationLogLine["level"], Tone> = {
  debug: "neutral",
  info: "accent",
  warn: "warn",
  error: "bad",
};

export function LogPart({ integration, state, onChange }: PartProps) {
  const asked = useDeferredValue(state.q.trim());
  const query = useInfiniteQuery(integrations.log(integration.id, state.level, asked));
  const { data } = query;
  const lines = data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Section title="Log">
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label="Search the log"
          type="search"
          value={state.q}
          onChange={(event) => onChange({ q: event.target.value })}
          autoComplete="off"
          className="min-w-0 flex-1 basis-56"
        />
        <Select
          label="From level"
          value={state.level}
          onChange={(event) => onChange({ level: levels.find((each) => each === event.target.value) ?? "info" })}
          className="h-9"
        >
          {levels.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      </div>
      <Card>
        <WhenLoaded query={query} rows={5}>
          {() =>
            lines.length === 0 ? (
              <EmptyState title={asked === "" ? "Nothing worth noting" : `No line has “${asked}” in it`} />
            ) : (
              <ol aria-label="Log lines" className="divide-y divide-line">
                {lines.map((line, index) => (
                  <Line key={`${line.at} ${index}`} line={line} />
                ))}
              </ol>
            )
          }
        </WhenLoaded>
      </Card>
      <ShowMore query={query} label="Show earlier lines" />
    </Section>
  );
}

function Line({ line: { at, level, message, fields } }: { line: IntegrationLogLine }) {
  const rest = Object.entries(fields);
  return (
    <li className="grid grid-cols-[3.5rem_minmax(0,1fr)] items-baseline gap-x-3 gap-y-0.5 px-4 py-2 sm:grid-cols-[3.5rem_minmax(0,1fr)_auto]">
      <Badge tone={tones[level]}>{level}</Badge>
      <span className="min-w-0 break-words">{message}</span>
      <span className="col-start-2 text-sm text-faint sm:col-start-3">
        <Time at={at} />
      </span>
      {rest.length > 0 ? (
        <span className="col-start-2 min-w-0 font-mono text-xs wrap-anywhere text-muted sm:col-span-2">
          {rest
            .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
            .join(" ")}
        </span>
      ) : null}
    </li>
  );
}
