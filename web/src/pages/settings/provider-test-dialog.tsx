// The test of a provider (of models, of identities): it is asked when the dialog opens, again on demand, and what came of it is said.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";

interface Props<T extends { ok: boolean }> {
  name: string;
  /** What the test does, and what it costs. */
  description: string;
  /** What is being done, while it is. */
  waiting: string;
  queryKey: readonly unknown[];
  /** Closing the dialog stops it: a slow provider may take minutes. */
  ask: (signal: AbortSignal) => Promise<T>;
  /** What is said when it answered well. */
  answered: (result: T) => string;
  onClose: () => void;
  /** What else the test has shown. */
  children: (result: T) => ReactNode;
}

export function ProviderTestDialog<T extends { ok: boolean }>(props: Props<T>) {
  const { name, description, waiting, queryKey, ask, answered, onClose, children } = props;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => ask(signal),
    gcTime: 0,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title={`Test of ${name}`} description={description}>
      <div className="flex flex-col gap-4">
        {isFetching ? (
          <SkeletonRows rows={2} label={waiting} />
        ) : error ? (
          <ErrorNote error={error} />
        ) : data ? (
          <>
            <p role="status" className="font-medium">
              {data.ok ? answered(data) : "It does not answer as it should."}
            </p>
            {children(data)}
          </>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button disabled={isFetching} onClick={() => void refetch()}>
            Test again
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
