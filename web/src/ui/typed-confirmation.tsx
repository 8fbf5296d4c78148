// A dialog whose action needs a word typed first: for what cannot be undone, or costs a whole index.
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { ErrorNote } from "./states.tsx";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What has to be typed. */
  word: string;
  action: string;
  danger?: boolean;
  ready?: boolean;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  children: ReactNode;
}

export function TypedConfirmation({
  open,
  onOpenChange,
  title,
  word,
  action,
  danger = false,
  ready = true,
  busy,
  error,
  onConfirm,
  children,
}: Props) {
  const [typed, setTyped] = useState("");
  useEffect(() => setTyped(""), [open, word]);
  const right = typed.trim() === word && ready;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (right && !busy) onConfirm();
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {children}
        <Field
          label={
            <>
              Type <span className="rounded-sm bg-sunken px-1 font-mono select-all">{word}</span> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
        {error ? <ErrorNote error={error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" look={danger ? "danger" : "primary"} disabled={!right || busy}>
            {busy ? "One moment…" : action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
