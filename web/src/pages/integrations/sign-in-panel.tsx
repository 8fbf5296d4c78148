// While a person is at the vendor's page: what to do there, and what to do when the pop-up was blocked or access was denied.
import { ExternalLink, LoaderCircle } from "lucide-react";
import { Button, buttonClasses } from "../../ui/button.tsx";
import { ErrorNote } from "../../ui/states.tsx";
import { openWindow, useBeginSignIn, useSignInOutcome, useSignInPage } from "./sign-in-window.ts";

interface Props {
  id: string;
  /** The vendor's name. */
  vendor: string;
  /** Path of this UI that the vendor's page leads back to. */
  returnTo: string;
  onConnected: () => void;
  onCancel: () => void;
  cancelling?: boolean;
}

export function SignInPanel({ id, vendor, returnTo, onConnected, onCancel, cancelling = false }: Props) {
  const page = useSignInPage(id);
  const begin = useBeginSignIn();
  const failure = useSignInOutcome(id, onConnected);
  const open = (): void => begin.mutate({ id, popup: openWindow(), returnTo });
  const waiting = page !== null && failure === null;
  return (
    <div className="flex flex-col gap-4">
      {failure !== null ? (
        <div role="alert" className="flex flex-col gap-1 rounded-md bg-bad-soft px-3 py-2.5 text-bad">
          <p className="font-medium">{vendor} did not let OpenTrace in</p>
          <p className="break-words">{failure}</p>
        </div>
      ) : page?.blocked ? (
        <div role="alert" className="flex flex-col gap-3 rounded-md bg-warn-soft px-3 py-2.5 text-warn">
          <p>
            <strong className="font-medium">Your browser blocked the pop-up.</strong> Allow pop-ups for {location.host},
            or go to {vendor} from here:
          </p>
          <p className="flex flex-wrap gap-2">
            <a href={page.url} target="_blank" rel="noreferrer" className={buttonClasses()}>
              <ExternalLink size={15} aria-hidden /> Open {vendor} in a new tab
            </a>
            <a href={page.url} className={buttonClasses()}>
              Go there in this tab
            </a>
          </p>
        </div>
      ) : waiting ? (
        <p role="status" className="flex items-start gap-2.5">
          <LoaderCircle size={16} aria-hidden className="mt-0.5 shrink-0 animate-spin text-faint" />
          <span>
            A window shows {vendor}. Grant the permissions there: this page then goes on by itself.{" "}
            <span className="text-muted">No window? It may be behind this one, or blocked by your browser.</span>
          </span>
        </p>
      ) : (
        <p>
          The sign-in at {vendor} is not finished. A window opens there; grant the permissions, and this page goes on by
          itself.
        </p>
      )}
      {begin.error ? <ErrorNote error={begin.error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button look={waiting ? "plain" : "primary"} onClick={open} disabled={begin.isPending}>
          {failure !== null
            ? "Try again"
            : waiting
              ? page.blocked
                ? "Try the pop-up again"
                : "Open the window again"
              : `Continue at ${vendor}`}
        </Button>
        <Button look="quiet" onClick={onCancel} disabled={cancelling}>
          {cancelling ? "Cancelling…" : "Cancel"}
        </Button>
      </div>
    </div>
  );
}
