// One provider of models: what it is for, whether it is asked, and what can be done with it.
import type { ModelProvider } from "@opentrace/contract/models.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeProvider, models, removeProvider } from "../../../api/models.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { TypedConfirmation } from "../../../ui/typed-confirmation.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { ProviderTestDialog } from "./provider-test.tsx";
import { addressOf, purposes } from "./provider-words.ts";

export function ProviderRow({ provider, off }: { provider: ModelProvider; off: boolean }) {
  const { id, name, source, enabled, has_key } = provider;
  const client = useQueryClient();
  const [open, setOpen] = useState<"test" | "change" | "remove" | null>(null);
  const asked = useMutation({
    mutationFn: (next: boolean) => changeProvider(id, { enabled: next }),
    onSettled: () => client.invalidateQueries({ queryKey: models.key }),
  });
  const remove = useMutation({
    mutationFn: () => removeProvider(id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: models.key });
      setOpen(null);
    },
  });
  const fixed = source === "environment";
  return (
    <li aria-label={name} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium wrap-anywhere">{name}</span>
          {off ? (
            <Badge tone="warn">switched off</Badge>
          ) : (
            <Badge tone={enabled ? "ok" : "neutral"} dot>
              {enabled ? "asked" : "not asked"}
            </Badge>
          )}
          {fixed ? <Badge>from the server’s settings</Badge> : null}
        </p>
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
      </div>
      <div className="flex flex-wrap gap-2">
        <Button small disabled={off} onClick={() => setOpen("test")} aria-label={`Test ${name}`}>
          Test
        </Button>
        {fixed ? null : (
          <>
            <Button
              small
              disabled={asked.isPending}
              onClick={() => asked.mutate(!enabled)}
              aria-label={enabled ? `Stop asking ${name}` : `Ask ${name}`}
            >
              {enabled ? "Stop asking" : "Ask"}
            </Button>
            <Button small onClick={() => setOpen("change")} aria-label={`Change ${name}`}>
              Change
            </Button>
            <Button small look="danger" onClick={() => setOpen("remove")} aria-label={`Remove ${name}`}>
              Remove
            </Button>
          </>
        )}
      </div>
      {asked.error ? (
        <div className="basis-full">
          <ErrorNote error={asked.error} />
        </div>
      ) : null}
      {open === "test" ? <ProviderTestDialog provider={provider} onClose={() => setOpen(null)} /> : null}
      {open === "change" ? <ProviderForm provider={provider} onClose={() => setOpen(null)} /> : null}
      <TypedConfirmation
        open={open === "remove"}
        onOpenChange={(next) => setOpen(next ? "remove" : null)}
        title="Remove this provider?"
        word={name}
        action="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        <p className="text-muted">It and its key are forgotten. What its models have read or written stays.</p>
      </TypedConfirmation>
    </li>
  );
}
