// Commands on incidents: list, show, declare.
import type { Incident, IncidentDetail, IncidentList } from "@opentrace/contract/incidents.ts";
import { none, table } from "../output.ts";
import type { VerbCommand } from "./verb-command.ts";

const minute = (iso: string): string => iso.slice(0, 16).replace("T", " ");
const row = (one: Incident): string[] => [
  one.reference,
  one.severity,
  one.status,
  minute(one.started_at),
  one.owner ?? "",
  one.title,
];

export const incidentCommands: Record<string, VerbCommand> = {
  "incidents list": {
    verb: "incidents.list",
    input: (values) => values,
    show: ({ items, next_cursor, total }: IncidentList) =>
      items.length === 0
        ? none("incidents")
        : table(items.map(row)) +
          (next_cursor === null
            ? ""
            : `\n… ${total === null ? "there are more" : `${items.length} of ${total}`}; raise --limit`),
  },
  "incidents show": {
    verb: "incidents.get",
    input: ({ incident }) => ({ id: incident }),
    show: (one: IncidentDetail) =>
      [
        table([row(one)]),
        ...(one.description === null ? [] : [one.description]),
        table([
          ["id", one.id],
          ...(one.merged_into === null ? [] : [["merged into", one.merged_into]]),
          ...(one.tags.length === 0 ? [] : [["tags", one.tags.join(", ")]]),
          ...one.affected_nodes.map(({ service, node }) => [
            "affects",
            node === null ? service : `${service} (${node.key})`,
          ]),
          ["evidence", String(one.evidence_count)],
          ...one.duplicates.map((duplicate) => ["duplicate", `${duplicate.reference} ${duplicate.title}`]),
        ]),
      ].join("\n\n"),
  },
  "incidents declare": {
    verb: "incidents.create",
    input: (values) => values,
    show: (one: Incident) => `Declared ${one.reference}: ${one.title} (${one.severity}), id ${one.id}`,
  },
};
