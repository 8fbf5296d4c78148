// A provider in a list (of models, of identities): what is known of it, its switch, and test, change and removal of it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ErrorNote } from "../../ui/states.tsx";
import { TypedConfirmation } from "../../ui/typed-confirmation.tsx";

interface Props {
  name: string;
  enabled: boolean;
  /** The server's settings name it: it is changed there, not here. */
  fixed: boolean;
  /** Said beside its name. */
  state: ReactNode;
  /** Lines on what it is. */
  children: ReactNode;
  /** A line of its own below all. */
  below?: ReactNode;
  testable?: boolean;
  /** What switching does: as the button says it, and as one says it of this provider. */
  switching: { label: string; described: string; run: (enabled: boolean) => Promise<unknown> };
  removal: { title: string; consequence: string; run: () => Promise<unknown> };
  /** What is read again when it was switched or removed. */
  queryKey: readonly unknown[];
  renderTest: (close: () => void) => ReactNode;
  renderChange: (close: () => void) => ReactNode;
}

export function ProviderItem(props: Props) {
  const { name, enabled, fixed, state, children, below, testable = true, switching, removal, queryKey } = props;
  const client = useQueryClient();
  const [open, setOpen] = useState<"test" | "change" | "remove" | null>(null);
  const close = (): void => setOpen(null);
  const turn = useMutation({
    mutationFn: switching.run,
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const remove = useMutation({
    mutationFn: removal.run,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey });
      close();
    },
  });
  return (
    <li aria-label={name} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="flex min-w-0 flex-1 basis-72 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium wrap-anywhere">{name}</span>
          {state}
          {fixed ? <Badge>from the server’s settings</Badge> : null}
        </p>
        {children}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button small disabled={!testable} onClick={() => setOpen("test")} aria-label={`Test ${name}`}>
          Test
        </Button>
        {fixed ? null : (
          <>
            <Button
              small
              disabled={turn.isPending}
              onClick={() => turn.mutate(!enabled)}
              aria-label={switching.described}
            >
              {switching.label}
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
      {below ? <div className="basis-full">{below}</div> : null}
      {turn.error ? (
        <div className="basis-full">
          <ErrorNote error={turn.error} />
        </div>
      ) : null}
      {open === "test" ? props.renderTest(close) : null}
      {open === "change" ? props.renderChange(close) : null}
      <TypedConfirmation
        open={open === "remove"}
        onOpenChange={(next) => setOpen(next ? "remove" : null)}
        title={removal.title}
        word={name}
        action="Remove"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        <p className="text-muted">{removal.consequence}</p>
      </TypedConfirmation>
    </li>
  );
}
