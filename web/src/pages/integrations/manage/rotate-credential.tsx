// Puts another credential in the old one's place: typed, or by signing in at the vendor again.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { rotateCredential } from "../../../api/integration-actions.ts";
import { integrations, vendor } from "../../../api/integration-queries.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { AuthChoice } from "../auth-choice.tsx";
import { FormFields } from "../form-fields.tsx";
import { changedValues, missingFields, refusedOf, startValues, type Typed } from "../form-values.ts";
import { SignInPanel } from "../sign-in-panel.tsx";

interface Props {
  integration: Integration;
  connector: AvailableIntegration;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export const RotateCredential = (props: Props) => (
  <Dialog
    open={props.open}
    onOpenChange={props.onOpenChange}
    title={`Rotate the credential of ${props.integration.name}`}
    description="The new one is tried first; if the vendor refuses it, nothing changes. What was synced stays."
    wide
  >
    <Body {...props} />
  </Dialog>
);

function Body({ integration, connector, onOpenChange }: Props) {
  const client = useQueryClient();
  const [kind, setKind] = useState(integration.auth);
  const [typed, setTyped] = useState<Typed>({});
  const [missing, setMissing] = useState<Record<string, string>>({});
  const method = connector.auth.find((each) => each.kind === kind) ?? connector.auth[0];
  const start = startValues(method?.fields ?? []);
  const values = { ...start, ...typed };
  const rotate = useMutation({
    mutationFn: () =>
      rotateCredential(integration.id, { auth: kind, credential: changedValues(method?.fields ?? [], values, start) }),
    onSuccess: async ({ integration: now, test }) => {
      client.setQueryData(integrations.keyOf(integration.id), now);
      if (test) client.setQueryData(vendor.test(integration.id).queryKey, test);
      toast(`${integration.name} has a new credential. End the old one at ${connector.name}.`);
      onOpenChange(false);
      await client.invalidateQueries({ queryKey: integrations.key });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const without = missingFields(method?.fields ?? [], values);
    setMissing(without);
    if (Object.keys(without).length === 0) rotate.mutate();
  };
  if (method === undefined) return null;
  const refused = refusedFields(rotate.error);
  const errors = { ...refusedOf(refused, "credential"), ...missing };
  const choice =
    connector.auth.length > 1 ? (
      <AuthChoice
        methods={connector.auth}
        chosen={method.kind}
        onChoose={(next) => (setKind(next), setTyped({}), setMissing({}), rotate.reset())}
      />
    ) : null;
  if (method.kind === "oauth2")
    return (
      <div className="flex flex-col gap-5">
        {choice}
        {integration.auth === "oauth2" ? (
          <SignInPanel
            id={integration.id}
            vendor={connector.name}
            returnTo={`/integrations/${connector.id}/${integration.id}`}
            onConnected={() => {
              toast(`${integration.name} has a new credential.`);
              onOpenChange(false);
              void client.invalidateQueries({ queryKey: integrations.key });
            }}
            onCancel={() => onOpenChange(false)}
          />
        ) : (
          <p className="text-muted">
            Connect {connector.name} anew to sign in with OAuth: this integration has another kind of credential.
          </p>
        )}
      </div>
    );
  return (
    <form onSubmit={submit} className="flex flex-col gap-5" noValidate>
      {choice}
      <FormFields
        fields={method.fields}
        typed={values}
        onChange={(next) => (setTyped(next), setMissing({}))}
        errors={errors}
      />
      {rotate.error && Object.keys(refusedOf(refused, "credential")).length === 0 ? (
        <ErrorNote error={rotate.error} />
      ) : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" look="primary" disabled={rotate.isPending}>
          {rotate.isPending ? "Trying it…" : "Rotate"}
        </Button>
      </div>
    </form>
  );
}
