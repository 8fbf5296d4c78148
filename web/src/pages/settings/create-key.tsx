// Makes an API key and shows its secret, once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { createKey } from "../../api/actions.ts";
import { keys } from "../../api/queries.ts";
import { type Permission, permissions, type roles } from "@opentrace/contract/access.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { ErrorNote } from "../../ui/states.tsx";

type Role = keyof typeof roles;
const roleWords: Record<Role | "custom", string> = {
  viewer: "Read the graph, source, repositories and incidents",
  responder: "Also work on incidents",
  ingest: "Only report incidents and evidence",
  admin: "Everything, API keys too",
  custom: "Chosen one by one",
};

export function CreateKey({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="New API key">
      <Body onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Body({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role | "custom">("viewer");
  const [scopes, setScopes] = useState<Permission[]>(["graph:read"]);
  const [days, setDays] = useState("90");
  const create = useMutation({
    mutationFn: () =>
      createKey({
        name: name.trim(),
        scopes: role === "custom" ? scopes : [role],
        ...(days === "" ? {} : { expires_days: Number(days) }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.queryKey }),
  });
  if (create.data)
    return (
      <div className="flex flex-col gap-4">
        <p className="text-muted">Copy it now: it is shown this once and kept nowhere.</p>
        <p className="rounded-md bg-sunken px-3 py-2.5 font-mono text-sm break-all select-all" data-testid="new-key">
          {create.data.key}
        </p>
        <div className="flex justify-end gap-2">
          <CopyButton label="Copy key" text={create.data.key} />
          <Button look="primary" onClick={onDone}>
            Done
          </Button>
        </div>
      </div>
    );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field
        label="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        placeholder="What is it for?"
        maxLength={100}
        autoComplete="off"
      />
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1.5 text-sm font-medium">It may</legend>
        {(["viewer", "responder", "ingest", "admin", "custom"] as const).map((each) => (
          <label key={each} className="flex cursor-pointer items-center gap-2.5">
            <input
              type="radio"
              name="role"
              checked={role === each}
              onChange={() => setRole(each)}
              className="size-4 accent-(--accent)"
            />
            <span>{roleWords[each]}</span>
          </label>
        ))}
      </fieldset>
      {role === "custom" ? (
        <fieldset className="grid grid-cols-2 gap-1.5 rounded-md border border-line p-3">
          <legend className="sr-only">Permissions</legend>
          {permissions.map((each) => (
            <label key={each} className="flex cursor-pointer items-center gap-2 font-mono text-sm">
              <input
                type="checkbox"
                checked={scopes.includes(each)}
                onChange={() =>
                  setScopes(scopes.includes(each) ? scopes.filter((other) => other !== each) : [...scopes, each])
                }
                className="size-3.5 accent-(--accent)"
              />
              {each}
            </label>
          ))}
        </fieldset>
      ) : null}
      <Select label="Expires" value={days} onChange={(event) => setDays(event.target.value)}>
        <option value="7">in 7 days</option>
        <option value="30">in 30 days</option>
        <option value="90">in 90 days</option>
        <option value="365">in a year</option>
        <option value="">never</option>
      </Select>
      {create.error ? <ErrorNote error={create.error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          disabled={name.trim() === "" || create.isPending || (role === "custom" && scopes.length === 0)}
        >
          Make key
        </Button>
      </div>
    </form>
  );
}
