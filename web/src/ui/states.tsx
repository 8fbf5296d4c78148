// What a page shows when it has nothing, not yet, or could not.
import { CircleAlert, LoaderCircle } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { ApiError } from "../api/http.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  /** The page is about nothing else: its title is the page's heading. */
  heading?: boolean;
}

export function EmptyState({ title, children, icon, heading = false }: EmptyProps) {
  const Title = heading ? "h1" : "p";
  return (
    <div className="flex flex-col items-center justify-center gap-2 px-6 py-12 text-center">
      {icon ? <div className="text-faint">{icon}</div> : null}
      <Title className="text-base font-medium">{title}</Title>
      {children ? (
        <div className="flex max-w-md flex-col items-center gap-3 text-base text-muted">{children}</div>
      ) : null}
    </div>
  );
}

export const errorMessage = (error: unknown): string =>
  error instanceof ApiError
    ? error.message
    : "Something went wrong in this page. Reload it; if it stays, see the console.";

export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-md bg-bad-soft px-3 py-2.5 text-base text-bad">
      <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 break-words">{errorMessage(error)}</div>
      {onRetry ? (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes("animate-pulse rounded-md bg-sunken", className)} />;
}

/** Placeholder lines of a list, at the height that the rows will have. */
export function SkeletonRows({ rows = 5, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-2 p-3">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className="h-7" />
      ))}
    </div>
  );
}

export function Notice({ tone, children }: { tone: "warn" | "neutral"; children: ReactNode }) {
  return (
    <div
      className={classes(
        "rounded-md px-3 py-2 text-sm",
        tone === "warn" ? "bg-warn-soft text-warn" : "bg-sunken text-muted",
      )}
    >
      {children}
    </div>
  );
}

/** Something that may take a while: what it is, and a way to stop it (also by Escape). */
export function Working({ label, onStop, rows = 5 }: { label: string; onStop: () => void; rows?: number }) {
  useEscape(onStop);
  return (
    <div className="flex flex-col">
      <div className="flex h-11 items-center gap-3 px-4">
        <LoaderCircle size={15} aria-hidden className="animate-spin text-faint" />
        <p role="status" className="text-muted">
          {label}…
        </p>
        <Button small onClick={onStop}>
          Stop
        </Button>
      </div>
      <div aria-hidden className="flex flex-col gap-2 p-3 pt-0">
        {Array.from({ length: rows }, (_, index) => (
          <Skeleton key={index} className="h-7" />
        ))}
      </div>
    </div>
  );
}

export function Stopped({ onAgain }: { onAgain: () => void }) {
  return (
    <EmptyState title="Stopped">
      <Button onClick={onAgain}>Start again</Button>
    </EmptyState>
  );
}

function useEscape(action: () => void): void {
  const current = useRef(action);
  current.current = action;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) current.current();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
