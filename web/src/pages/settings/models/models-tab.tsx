// Model providers: who is asked for what and what that sends away, the providers themselves, and a try of the reading.
import type { ModelProvider, VlmStatus } from "@opentrace/contract/models.ts";
import { useQuery } from "@tanstack/react-query";
import { Bot, Plus } from "lucide-react";
import { useState } from "react";
import { models } from "../../../api/models.ts";
import { Button } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, Notice, SkeletonRows } from "../../../ui/states.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { ProviderRow } from "./provider-row.tsx";
import { addressOf, asked, purposes } from "./provider-words.ts";
import { TryReading } from "./try-reading.tsx";

export function ModelsTab() {
  const { data, error, refetch } = useQuery(models.providers);
  const reading = useQuery(models.reading);
  const [adding, setAdding] = useState(false);
  const off = reading.data?.switched_off ?? false;
  return (
    <>
      {off ? (
        <Notice tone="warn">
          Models are switched off on this server (<code className="font-mono">OPENTRACE_MODELS=off</code>). Nothing is
          sent to anybody, whatever is set up below.
        </Notice>
      ) : null}
      <Section
        title="Model providers"
        aside={
          <Button small onClick={() => setAdding(true)}>
            <Plus size={14} aria-hidden /> Add provider
          </Button>
        }
      >
        <p className="max-w-2xl text-muted">
          No model is needed: everything works without one. With one, screenshots are understood better, causes are put
          into words, and runbooks are found by what they mean. They are asked in this order, the next one when one
          fails.
        </p>
        <Card className="divide-y divide-line">
          {error ? (
            <div className="p-3">
              <ErrorNote error={error} onRetry={() => void refetch()} />
            </div>
          ) : !data ? (
            <SkeletonRows rows={3} />
          ) : data.items.length === 0 ? (
            <EmptyState title="No provider yet" icon={<Bot size={22} aria-hidden />}>
              <p>
                Add a model of your own (Ollama, vLLM) or a vendor’s. Keys in secrets.env appear here by themselves.
              </p>
            </EmptyState>
          ) : (
            <ul aria-label="Model providers" className="divide-y divide-line">
              {data.items.map((provider) => (
                <ProviderRow key={provider.id} provider={provider} off={off} />
              ))}
            </ul>
          )}
        </Card>
        {adding ? <ProviderForm provider={null} onClose={() => setAdding(false)} /> : null}
      </Section>
      {data ? <WhatIsSent providers={data.items} off={off} /> : null}
      <TryReading status={reading.data} />
    </>
  );
}

function WhatIsSent({ providers, off }: { providers: readonly ModelProvider[]; off: VlmStatus["switched_off"] }) {
  return (
    <Section title="What is sent where">
      <ul aria-label="What is sent where" className="grid gap-3 md:grid-cols-3">
        {purposes.map((purpose) => {
          const [first, ...others] = off ? [] : asked(providers, purpose);
          return (
            <li key={purpose.role} className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-4">
              <h3 className="font-medium">{purpose.name}</h3>
              {first ? (
                <>
                  <p className="wrap-anywhere">
                    To <span className="font-medium">{first.name}</span>, {addressOf(first)} (
                    <span className="font-mono text-sm">{first[purpose.field]}</span>)
                    {others.length > 0 ? `; if that fails, to ${others.map(({ name }) => name).join(", then ")}` : ""}.
                  </p>
                  <p className="text-sm text-muted">{purpose.sends}</p>
                </>
              ) : (
                <>
                  <p>To nobody.</p>
                  <p className="text-sm text-muted">{purpose.without}</p>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
