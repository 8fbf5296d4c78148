// Another branch of a repository that is synced: its code replaces the one before, so its name is asked for.
import type { Integration, SelectedScope } from "@opentrace/contract/integrations.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeScope } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Field } from "../../../ui/field.tsx";
import { TypedConfirmation } from "../../../ui/typed-confirmation.tsx";

interface Props {
  integration: Integration;
  scope: SelectedScope;
  onDone: () => void;
}

export function ChangeScopeBranch({ integration, scope, onDone }: Props) {
  const client = useQueryClient();
  const [branch, setBranch] = useState(scope.codeBranch);
  const change = useMutation({
    mutationFn: () => changeScope(integration.id, scope.id, { codeBranch: branch.trim(), confirm: scope.name }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: integrations.keyOf(integration.id) });
    },
  });
  const refused = refusedFields(change.error).codeBranch ?? null;
  const fallback = scope.defaultBranch ? `default branch (${scope.defaultBranch})` : "default branch";
  return (
    <TypedConfirmation
      open
      onOpenChange={(open) => open || onDone()}
      title={`Branch of ${scope.name}`}
      word={scope.name}
      action="Change branch"
      ready={branch.trim() !== scope.codeBranch}
      busy={change.isPending}
      error={refused === null ? change.error : null}
      onConfirm={() => change.mutate()}
    >
      <p className="text-muted">
        The code in the graph is that of{" "}
        <strong className="text-text wrap-anywhere">
          {scope.codeBranch === "" ? `the ${fallback}` : scope.codeBranch}
        </strong>
        . It gives way to the code of the branch you name. Issues, pull requests and the rest stay.
      </p>
      <Field
        label="Branch"
        value={branch}
        onChange={(event) => (setBranch(event.target.value), change.reset())}
        placeholder={fallback}
        hint="Empty = the default branch, also when that changes."
        error={refused}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
    </TypedConfirmation>
  );
}
