// The button under a list that has further pages; nothing where the list is whole.
import { Button } from "./button.tsx";

interface Props {
  /** As `useInfiniteQuery` returns it. */
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** What it brings. */
  label?: string;
}

export function ShowMore({ query, label = "Show more" }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <Button small className="w-fit" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {query.isFetchingNextPage ? "Loading…" : label}
    </Button>
  );
}
