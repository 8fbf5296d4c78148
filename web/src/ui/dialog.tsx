// Modal dialogs (focus kept inside, Escape closes, focus returns).
import { Dialog as Radix } from "radix-ui";
import { X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { classes } from "./classes.ts";

interface PanelProps {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
  /** As large as the window, for a picture. */
  full?: boolean;
}

export function Dialog({
  open,
  onOpenChange,
  ...panel
}: PanelProps & { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.4)]" />
        <Panel {...panel} />
      </Radix.Portal>
    </Radix.Root>
  );
}

function Panel({ title, description, children, wide = false, full = false }: PanelProps) {
  // Read before anything in here takes the focus: Radix gives it back to a trigger of its own alone, and these dialogs have none.
  const [opener] = useState(() => document.activeElement);
  return (
    <Radix.Content
      {...(description ? {} : { "aria-describedby": undefined })}
      onCloseAutoFocus={(event) => {
        event.preventDefault();
        if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
      }}
      className={classes(
        "fixed left-1/2 z-50 w-[calc(100vw-2rem)] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-surface p-5 shadow-float",
        full ? "top-4 max-h-[calc(100vh-2rem)]" : "top-[12vh] max-h-[80vh]",
        full ? "max-w-none" : wide ? "max-w-2xl" : "max-w-md",
      )}
    >
      <div className="mb-4 flex items-start justify-between gap-4">
        <div className="flex flex-col gap-1">
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          {description ? (
            <Radix.Description asChild>
              <div className="text-sm text-muted">{description}</div>
            </Radix.Description>
          ) : null}
        </div>
        <Radix.Close
          aria-label="Close"
          className="-mt-1 -mr-1 inline-grid size-8 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-text"
        >
          <X size={16} />
        </Radix.Close>
      </div>
      {children}
    </Radix.Content>
  );
}
