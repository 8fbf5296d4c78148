// One provider of models: what it is for, whether it is asked, and what can be done with it.
import type { ModelProvider } from "@opentrace/contract/models.ts";
import { changeProvider, models, removeProvider } from "../../../api/models.ts";
import { Badge } from "../../../ui/badge.tsx";
import { ProviderItem } from "../provider-item.tsx";
import { ModelsTest } from "./models-test.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { addressOf, purposes } from "./provider-words.ts";

export function ProviderRow({ provider, off }: { provider: ModelProvider; off: boolean }) {
  const { id, name, source, enabled, has_key } = provider;
  return (
    <ProviderItem
      name={name}
      enabled={enabled}
      fixed={source === "environment"}
      testable={!off}
      state={
        off ? (
          <Badge tone="warn">switched off</Badge>
        ) : (
          <Badge tone={enabled ? "ok" : "neutral"} dot>
            {enabled ? "asked" : "not asked"}
          </Badge>
        )
      }
      switching={{
        label: enabled ? "Stop asking" : "Ask",
        described: enabled ? `Stop asking ${name}` : `Ask ${name}`,
        run: (next) => changeProvider(id, { enabled: next }),
      }}
      removal={{
        title: "Remove this provider?",
        consequence: "It and its key are forgotten. What its models have read or written stays.",
        run: () => removeProvider(id),
      }}
      queryKey={models.key}
      renderTest={(close) => <ModelsTest provider={provider} onClose={close} />}
      renderChange={(close) => <ProviderForm provider={provider} onClose={close} />}
    >
      <p className="text-sm wrap-anywhere text-muted">
        {addressOf(provider)} · {has_key ? "key stored sealed" : "no key"}
      </p>
      <ul aria-label={`What ${name} is for`} className="flex flex-col text-sm">
        {purposes.map((purpose) =>
          provider[purpose.field] === null ? null : (
            <li key={purpose.role} className="wrap-anywhere">
              <span className="font-mono">{provider[purpose.field]}</span>{" "}
              <span className="text-muted">{purpose.does}</span>
            </li>
          ),
        )}
      </ul>
    </ProviderItem>
  );
}
