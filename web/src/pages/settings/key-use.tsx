// What an API key was used for, and a new one in its place.
import type { ApiKey } from "@opentrace/contract/access.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { keyUsage, rotateKey } from "../../api/people.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNote, SkeletonRows } from "../../ui/states.tsx";

export function KeyUse({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => open || onClose()} title={apiKey.name} description="The last 30 days" wide>
      <Usage id={apiKey.id} />
      {apiKey.state === "active" && apiKey.replaced_by === null ? <Rotate apiKey={apiKey} /> : null}
    </Dialog>
  );
}

function Usage({ id }: { id: string }) {
  const { data, error } = useQuery(keyUsage(id));
  if (error) return <ErrorNote error={error} />;
  if (!data) return <SkeletonRows rows={3} />;
  const most = Math.max(1, ...data.days.map(({ requests }) => requests));
  return (
    <div className="flex flex-col gap-4">
      <p>
        {data.requests} requests, {data.errors} of them failed
      </p>
      {data.days.length > 0 ? (
        <div aria-hidden className="flex h-16 items-end gap-1">
          {data.days.map(({ day, requests }) => (
            <div
              key={day}
              title={`${day}: ${requests}`}
              className="max-w-6 flex-1 rounded-t-sm bg-accent"
              style={{ height: `${Math.max(4, (100 * requests) / most)}%` }}
            />
          ))}
        </div>
      ) : null}
      {data.verbs.length > 0 ? (
        <table className="w-full text-sm">
          <caption className="sr-only">Requests by verb</caption>
          <thead className="text-left text-muted">
            <tr>
              <th scope="col" className="py-1 font-medium">
                Verb
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                Requests
              </th>
              <th scope="col" className="py-1 text-right font-medium">
                Failed
              </th>
            </tr>
          </thead>
          <tbody>
            {data.verbs.map(({ verb, requests, errors }) => (
              <tr key={verb} className="border-t border-line">
                <td className="py-1 font-mono break-all">{verb}</td>
                <td className="py-1 text-right tabular-nums">{requests}</td>
                <td className="py-1 text-right tabular-nums">{errors}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}

function Rotate({ apiKey }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const rotate = useMutation({
    mutationFn: () => rotateKey(apiKey.id),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.queryKey }),
  });
  if (rotate.data)
    return (
      <div className="mt-5 flex flex-col gap-3 border-t border-line pt-4">
        <p className="text-muted">The new key is shown this once. The old one works for 24 hours more.</p>
        <p
          className="rounded-md bg-sunken px-3 py-2.5 font-mono text-sm break-all select-all"
          data-testid="rotated-key"
        >
          {rotate.data.key}
        </p>
        <CopyButton label="Copy key" text={rotate.data.key} />
      </div>
    );
  return (
    <div className="mt-5 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
      <p className="text-sm text-muted">Rotate it: a new key that may do the same; this one works for 24 hours more.</p>
      <Button disabled={rotate.isPending} onClick={() => rotate.mutate()}>
        Rotate
      </Button>
      {rotate.error ? <ErrorNote error={rotate.error} /> : null}
    </div>
  );
}
