// What a card shows of something asked for: the reason why it could not be had, rows that stand for it, or it.
import type { ReactNode } from "react";
import { ErrorNote, SkeletonRows } from "./states.tsx";

interface Props<T> {
  /** As `useQuery` and `useInfiniteQuery` return it. */
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  /** How many placeholder rows, and what they are called for who does not see them. */
  rows: number;
  label?: string;
  children: (data: T) => ReactNode;
}

export function WhenLoaded<T>({ query: { data, error, refetch }, rows, label = "Loading", children }: Props<T>) {
  if (error)
    return (
      <div className="p-3">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </div>
    );
  return data === undefined ? <SkeletonRows rows={rows} label={label} /> : children(data);
}
