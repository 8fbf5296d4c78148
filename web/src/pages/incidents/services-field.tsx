// Affected services, with those that the graph knows by what is typed so far.
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { graph } from "../../api/queries.ts";
import { TokenField } from "../../ui/token-field.tsx";

interface Props {
  values: readonly string[];
  onChange: (values: string[]) => void;
  label?: string;
  hint?: string;
  hideLabel?: boolean;
  autoFocus?: boolean;
}

export function ServicesField({
  values,
  onChange,
  label = "Affected services",
  hint = "By these the graph finds what changed near them. Enter adds one.",
  hideLabel = false,
  autoFocus = false,
}: Props) {
  const [typed, setTyped] = useState("");
  const { data } = useQuery(graph.search(useDeferredValue(typed.trim()), ["Service", "Repository", "Workload"], 8));
  const names = typed.trim() === "" ? [] : (data?.hits.map(({ node }) => node.name) ?? []);
  return (
    <TokenField
      label={
        <>
          {label} <span className="ml-1 font-normal text-faint">optional</span>
        </>
      }
      noun="service"
      values={values}
      onChange={onChange}
      onType={setTyped}
      suggestions={[...new Set(names)].filter((name) => !values.includes(name))}
      placeholder="checkout, payments"
      hint={hint}
      hideLabel={hideLabel}
      autoFocus={autoFocus}
    />
  );
}
