// A dialog that asks once more before something is done that cannot be undone.
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorNote } from "./states.tsx";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  action: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  children: ReactNode;
}

export function Confirmation({ open, onOpenChange, title, action, busy, error, onConfirm, children }: Props) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={children}>
      <div className="flex flex-col gap-4">
        {error ? <ErrorNote error={error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button look="danger" disabled={busy} onClick={onConfirm}>
            {busy ? "One moment…" : action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
