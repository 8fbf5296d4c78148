// Webhook deliveries: what the vendor sent, what became of it, and what had to be fetched because it did not arrive.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Inbox } from "lucide-react";
import { toast } from "sonner";
import { recoverDeliveries } from "../../../api/integration-actions.ts";
import { integrations } from "../../../api/integration-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { ShowMore } from "../../../ui/show-more.tsx";
import { Select } from "../../../ui/field.tsx";
import { May } from "../../../ui/may.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { EmptyState, errorMessage, Notice } from "../../../ui/states.tsx";
import { WhenLoaded } from "../../../ui/when-loaded.tsx";
import { Duration, Time } from "../../../ui/time.tsx";
import { bytesText } from "../../../ui/time-text.ts";
import { deliveryStateOf, deliveryStates } from "../url.ts";
import { deliveryTones } from "../words.ts";
import type { PartProps } from "./manage-page.tsx";

export function DeliveriesPart({ integration, connector, state, onChange }: PartProps) {
  const wanted = deliveryStateOf(state.state);
  const query = useInfiniteQuery(integrations.deliveries(integration.id, wanted));
  const { data } = query;
  const deliveries = data?.pages.flatMap((page) => page.deliveries) ?? [];
  const recover = useMutation({
    mutationFn: () => recoverDeliveries(integration.id),
    onSuccess: () => toast(`${vendor} is asked for what it could not hand over.`),
    onError: (failure) => toast.error(errorMessage(failure)),
  });
  const vendor = connector?.name ?? integration.connector;
  return (
    <Section
      title="Webhook deliveries"
      aside={
        <span className="flex flex-wrap items-center justify-end gap-2">
          <Select label="State" value={wanted ?? ""} onChange={(event) => onChange({ state: event.target.value })}>
            <option value="">all</option>
            {deliveryStates.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
          <May permission="integrations:write">
            <Button small onClick={() => recover.mutate()} disabled={recover.isPending}>
              <Inbox size={14} aria-hidden /> Fetch missed ones
            </Button>
          </May>
        </span>
      }
    >
      {integration.webhook === null ? (
        <Notice tone="neutral">
          {vendor} cannot reach this server: it has no public address (OPENTRACE_PUBLIC_URL). Changes come with the
          planned syncs instead.
        </Notice>
      ) : null}
      <Card>
        <WhenLoaded query={query} rows={4}>
          {() =>
            deliveries.length === 0 ? (
              <EmptyState title={wanted ? `No delivery is ${wanted}` : "Nothing has arrived yet"}>
                {wanted ? null : `${vendor} sends something here when a repository changes.`}
              </EmptyState>
            ) : (
              <ul aria-label="Deliveries" className="divide-y divide-line">
                {deliveries.map((delivery) => (
                  <li
                    key={delivery.id}
                    className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-1 px-4 py-2.5 sm:grid-cols-[6rem_minmax(0,1fr)_auto]"
                  >
                    <span>
                      <Badge tone={deliveryTones[delivery.state]} dot>
                        {delivery.state}
                      </Badge>
                    </span>
                    <span className="min-w-0">
                      <span className="font-medium wrap-anywhere">{delivery.event}</span>{" "}
                      {delivery.recovered ? <Badge tone="warn">fetched later</Badge> : null}
                      <span className="block text-sm break-words text-muted">{delivery.detail}</span>
                    </span>
                    <span className="col-start-2 text-sm text-muted sm:col-start-3 sm:text-right">
                      <Time at={delivery.receivedAt} />
                      <span className="block text-faint">
                        {bytesText(delivery.bytes)}
                        {delivery.processedAt ? (
                          <>
                            , done in <Duration from={delivery.receivedAt} to={delivery.processedAt} />
                          </>
                        ) : null}
                      </span>
                    </span>
                    <span className="col-start-2 font-mono text-xs wrap-anywhere text-faint sm:col-span-2">
                      {delivery.deliveryId}
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </WhenLoaded>
      </Card>
      <ShowMore query={query} label="Show earlier deliveries" />
    </Section>
  );
}
