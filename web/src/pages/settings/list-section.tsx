// A section that lists what was set up, with a button that adds one more.
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/page.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { WhenLoaded } from "../../ui/when-loaded.tsx";

interface Props<T, Item> {
  title: string;
  /** What the button says, and what it does. */
  add: { label: string; start: () => void };
  /** What these things are for. */
  lead: ReactNode;
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  itemsOf: (data: T) => readonly Item[];
  empty: { title: string; icon: ReactNode; text: ReactNode };
  /** One of them, as a list item with a key. */
  children: (item: Item) => ReactNode;
}

export function ListSection<T, Item>({ title, add, lead, query, itemsOf, empty, children }: Props<T, Item>) {
  return (
    <Section
      title={title}
      aside={
        <Button small onClick={add.start}>
          <Plus size={14} aria-hidden /> {add.label}
        </Button>
      }
    >
      <p className="max-w-2xl text-muted">{lead}</p>
      <Card>
        <WhenLoaded query={query} rows={3}>
          {(data) => {
            const items = itemsOf(data);
            return items.length === 0 ? (
              <EmptyState title={empty.title} icon={empty.icon}>
                <p>{empty.text}</p>
              </EmptyState>
            ) : (
              <ul aria-label={title} className="divide-y divide-line">
                {items.map((item) => children(item))}
              </ul>
            );
          }}
        </WhenLoaded>
      </Card>
    </Section>
  );
}
