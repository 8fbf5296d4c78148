// A form that is saved or given up: what went wrong stands over its buttons.
import type { FormEvent, ReactNode } from "react";
import { Button } from "./button.tsx";
import { ErrorNote } from "./states.tsx";

interface Props {
  /** Its name for who does not see it. */
  label: string;
  /** What the button does, and what it says while it is being done. */
  action: string;
  busyAction?: string;
  busy: boolean;
  error: unknown;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
}

export function Form({ label, action, busyAction = "Saving…", busy, error, onSubmit, onCancel, children }: Props) {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  return (
    <form aria-label={label} onSubmit={submit} noValidate className="flex min-w-0 flex-col gap-4">
      {children}
      {error ? <ErrorNote error={error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? busyAction : action}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
