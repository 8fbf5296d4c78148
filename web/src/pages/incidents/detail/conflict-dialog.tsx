// Somebody changed the incident first: what they changed, what one wanted, and which of both is to be.
import { useInfiniteQuery } from "@tanstack/react-query";
import { incidents } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Time } from "../../../ui/time.tsx";
import { fieldWord, valueText } from "../words.ts";
import { type Change, changedSince, type Conflict } from "./use-change.ts";

export function ConflictDialog({ change }: { change: Change }) {
  const { conflict } = change;
  return (
    <Dialog
      open={conflict !== null}
      onOpenChange={(open) => (open ? undefined : change.giveUp())}
      title="Somebody changed this incident meanwhile"
      description="Your change was not saved. Here is what changed."
      wide
    >
      {conflict ? <Body change={change} conflict={conflict} /> : null}
    </Dialog>
  );
}

function Body({ change, conflict: { base, theirs, mine } }: { change: Change; conflict: Conflict }) {
  const { data } = useInfiniteQuery(incidents.history(theirs.id));
  const history = data?.pages.flatMap(({ items }) => items) ?? [];
  const whoChanged = (field: string) => history.findLast((one) => one.field === field);
  const others = changedSince(base, theirs);
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="What changed" className="flex flex-col gap-2">
        <h3 className="text-sm text-faint">What others changed</h3>
        <ul className="flex flex-col gap-2">
          {others.length === 0 ? <li>Something that is not shown here, such as its evidence.</li> : null}
          {others.map(({ field, from, to }) => {
            const by = whoChanged(field);
            return (
              <li key={field} className="rounded-md bg-sunken px-3 py-2">
                <span className="font-medium">{fieldWord(field)}</span> <FromTo from={from} to={to} />
                {by ? (
                  <span className="block text-sm text-muted">
                    {by.actor_name ?? by.actor}, <Time at={by.at} />
                  </span>
                ) : null}
              </li>
            );
          })}
        </ul>
      </section>
      <section aria-label="Your change" className="flex flex-col gap-2">
        <h3 className="text-sm text-faint">What you wanted</h3>
        <ul className="flex flex-col gap-2">
          {Object.entries(mine).map(([field, to]) => (
            <li key={field} className="rounded-md bg-accent-soft px-3 py-2">
              <span className="font-medium">{fieldWord(field)}</span> <FromTo from={now(theirs, field)} to={to} />
            </li>
          ))}
        </ul>
      </section>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={change.giveUp}>Keep theirs</Button>
        <Button look="primary" disabled={change.isPending} onClick={() => void change.make(mine, theirs)}>
          {change.isPending ? "Saving…" : "Save mine over it"}
        </Button>
      </div>
    </div>
  );
}

const now = (incident: object, field: string): unknown => new Map(Object.entries(incident)).get(field);

const FromTo = ({ from, to }: { from: unknown; to: unknown }) => (
  <span className="wrap-anywhere">
    from <s className="text-muted">{valueText(from)}</s> to <strong className="font-medium">{valueText(to)}</strong>
  </span>
);
