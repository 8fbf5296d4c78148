// Model providers: who is asked for what and what that sends away, the providers themselves, and a try of the reading.
import type { ModelProvider, VlmStatus } from "@opentrace/contract/models.ts";
import { useQuery } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import { useState } from "react";
import { models } from "../../../api/models.ts";
import { Section } from "../../../ui/page.tsx";
import { Notice } from "../../../ui/states.tsx";
import { ListSection } from "../list-section.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { ProviderRow } from "./provider-row.tsx";
import { addressOf, asked, purposes } from "./provider-words.ts";
import { TryReading } from "./try-reading.tsx";

export function ModelsTab() {
  const providers = useQuery(models.providers);
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
      <ListSection
        title="Model providers"
        add={{ label: "Add provider", start: () => setAdding(true) }}
        lead="No model is needed: everything works without one. With one, screenshots are understood better, causes are put into words, and runbooks are found by what they mean. They are asked in this order, the next one when one fails."
        query={providers}
        itemsOf={({ items }) => items}
        empty={{
          title: "No provider yet",
          icon: <Bot size={22} aria-hidden />,
          text: "Add a model of your own (Ollama, vLLM) or a vendor’s. Keys in secrets.env appear here by themselves.",
        }}
      >
        {(provider) => <ProviderRow key={provider.id} provider={provider} off={off} />}
      </ListSection>
      {adding ? <ProviderForm provider={null} onClose={() => setAdding(false)} /> : null}
      {providers.data ? <WhatIsSent providers={providers.data.items} off={off} /> : null}
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
