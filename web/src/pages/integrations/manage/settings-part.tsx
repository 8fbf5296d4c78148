// An integration's name and its connector's own settings, tried before they are kept.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { changeIntegration } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Button } from "../../../ui/button.tsx";
import { Field } from "../../../ui/field.tsx";
import { useMay } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { FormFields } from "../form-fields.tsx";
import { changedValues, missingFields, refusedOf, startValues, type Typed } from "../form-values.ts";
import type { PartProps } from "./manage-page.tsx";

export function SettingsPart({ integration, connector }: PartProps) {
  const client = useQueryClient();
  const fields = connector?.fields ?? [];
  const start = startValues(fields, integration.config);
  const { may } = useMay();
  const [name, setName] = useState<string | null>(null);
  const [typed, setTyped] = useState<Typed>({});
  const [missing, setMissing] = useState<Record<string, string>>({});
  const values = { ...start, ...typed };
  const config = changedValues(fields, values, start);
  const renamed = name !== null && name.trim() !== integration.name;
  const changed = renamed || Object.keys(config).length > 0;
  const save = useMutation({
    mutationFn: () =>
      changeIntegration(integration.id, {
        ...(renamed ? { name: name.trim() } : {}),
        ...(Object.keys(config).length > 0 ? { config } : {}),
      }),
    onSuccess: async (now) => {
      client.setQueryData(integrations.keyOf(now.id), now);
      setName(null);
      setTyped({});
      toast("Saved.");
      await client.invalidateQueries({ queryKey: integrations.key });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const without = missingFields(fields, values);
    setMissing(without);
    if (Object.keys(without).length === 0) save.mutate();
  };
  const refused = refusedFields(save.error);
  const errors = { ...refusedOf(refused, "config"), ...missing };
  const nameError = refused.name ?? (name !== null && name.trim() === "" ? "It needs a name." : null);
  return (
    <Section title="Settings">
      <Card className="p-5">
        <form onSubmit={submit} noValidate>
          <fieldset disabled={!may("integrations:write")} className="flex min-w-0 flex-col gap-5">
            <legend className="sr-only">Settings of {integration.name}</legend>
            <Field
              label="Name"
              value={name ?? integration.name}
              onChange={(event) => (setName(event.target.value), save.reset())}
              maxLength={100}
              hint="What you type to confirm a disconnect, and what answers call it."
              error={nameError}
              autoComplete="off"
              className="[&_input]:max-w-xl"
            />
            <FormFields
              fields={fields}
              typed={values}
              onChange={(next) => (setTyped(next), setMissing({}))}
              errors={errors}
              stored
            />
            {save.error && Object.keys(errors).length === 0 && !refused.name ? <ErrorNote error={save.error} /> : null}
            <div className="flex flex-wrap gap-2">
              <Button type="submit" look="primary" disabled={!changed || nameError !== null || save.isPending}>
                {save.isPending ? "Trying it…" : "Save"}
              </Button>
              {changed ? (
                <Button look="quiet" onClick={() => (setName(null), setTyped({}), setMissing({}), save.reset())}>
                  Undo my changes
                </Button>
              ) : null}
            </div>
          </fieldset>
        </form>
      </Card>
    </Section>
  );
}
