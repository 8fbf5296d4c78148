// The frame of a page: title, what belongs beside it, and sections with headings.
import { type ReactNode, useEffect } from "react";
import { classes } from "./classes.ts";

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · OpenTrace`;
  }, [title]);
}

export function PageFrame({
  title,
  above,
  lead,
  actions,
  children,
}: {
  title: ReactNode;
  /** The way here, over the title. */
  above?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-8 px-4 py-6 sm:px-8 sm:py-8">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="flex min-w-0 flex-col gap-1">
          {above}
          <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
          {lead ? <div className="text-base text-muted">{lead}</div> : null}
        </div>
        {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

export function Section({
  title,
  aside,
  children,
  className,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section aria-label={title} className={classes("flex min-w-0 flex-col gap-3", className)}>
      <div className="flex min-h-7 items-center justify-between gap-4">
        <h2 className="text-base font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Card({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={classes("min-w-0 rounded-lg border border-line bg-surface", className)}>{children}</div>;
}
