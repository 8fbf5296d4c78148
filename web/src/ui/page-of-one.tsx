// The page of one thing: while it is asked for, when it could not be had, when there is no such thing (any more), and it.
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../api/http.ts";
import { buttonClasses } from "./button.tsx";
import { PageFrame, usePageTitle } from "./page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "./states.tsx";

interface Props<T> {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  /** What kind of thing it is: the title until it has its own. */
  kind: string;
  titleOf: (thing: T) => string;
  /** The way here, over the title, as long as the thing itself is not shown. */
  above: ReactNode;
  /** What is said when the server knows no such thing, and where to go on from there. */
  gone: { title: string; why: string; link: LinkProps; linkLabel: string };
  children: (thing: T) => ReactNode;
}

export function PageOfOne<T>({ query: { data, error, refetch }, kind, titleOf, above, gone, children }: Props<T>) {
  usePageTitle(data === undefined ? kind : titleOf(data));
  const isGone = error instanceof ApiError && error.status === 404;
  // What was once read stays when a later try fails, unless it was removed meanwhile.
  if (data !== undefined && !isGone) return children(data);
  return (
    <PageFrame title={kind} above={above}>
      {isGone ? (
        <EmptyState title={gone.title}>
          <p>{gone.why}</p>
          <Link {...gone.link} className={buttonClasses()}>
            {gone.linkLabel}
          </Link>
        </EmptyState>
      ) : error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </PageFrame>
  );
}
