// A search field that holds one chosen node, named by its id in the address.
import { useQuery } from "@tanstack/react-query";
import { graph } from "../../api/queries.ts";
import { titleOf } from "../../graph/describe.ts";
import { NodeSearch } from "./node-search.tsx";

export function NodePicker({
  id,
  label,
  onPick,
  autoFocus = false,
}: {
  id: string | null;
  label: string;
  onPick: (id: string | null) => void;
  autoFocus?: boolean;
}) {
  const { data, error } = useQuery({ ...graph.node(id ?? ""), enabled: id !== null });
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1">
      <span aria-hidden className="text-sm text-muted">
        {label}
      </span>
      <NodeSearch
        label={label}
        placeholder="Search a node…"
        value={id === null ? "" : data ? titleOf(data.node) : ""}
        onPick={(node) => onPick(node.id)}
        onClear={() => onPick(null)}
        autoFocus={autoFocus}
      />
      {error && id !== null ? <span className="text-sm text-bad">This node is no longer in the graph.</span> : null}
    </div>
  );
}
