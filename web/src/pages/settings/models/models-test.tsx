// A question to each model of a provider: whether it answers, how long it takes, and if not why.
import type { ModelProvider } from "@opentrace/contract/models.ts";
import { testProvider } from "../../../api/models.ts";
import { Badge } from "../../../ui/badge.tsx";
import { durationText } from "../../../ui/time-text.ts";
import { ProviderTestDialog } from "../provider-test-dialog.tsx";
import { purposes } from "./provider-words.ts";

export function ModelsTest({ provider, onClose }: { provider: ModelProvider; onClose: () => void }) {
  return (
    <ProviderTestDialog
      name={provider.name}
      description="Each of its models is asked a short question. That costs a few tokens."
      waiting="Asking its models"
      queryKey={["model-test", provider.id]}
      ask={(signal) => testProvider(provider.id, signal)}
      answered={() => "It answers."}
      onClose={onClose}
    >
      {({ tried }) => (
        <ul aria-label="Tries" className="flex flex-col gap-2">
          {tried.map(({ role, model, outcome, reason, milliseconds, at }, index) => (
            <li key={`${role} ${at} ${index}`} className="flex flex-col gap-0.5">
              <span className="flex flex-wrap items-center gap-2">
                <Badge tone={outcome === "read" ? "ok" : "bad"}>{outcome === "read" ? "answered" : "failed"}</Badge>
                <span>{purposes.find((each) => each.role === role)?.name}</span>
                <span className="font-mono text-sm break-all text-muted">{model}</span>
                <span className="text-sm text-faint">{durationText(milliseconds / 1000)}</span>
              </span>
              {reason ? <span className="text-sm wrap-anywhere text-muted">{reason}</span> : null}
            </li>
          ))}
        </ul>
      )}
    </ProviderTestDialog>
  );
}
