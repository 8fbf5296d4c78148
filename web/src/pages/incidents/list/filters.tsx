// What the list is narrowed to: words, status, severity, and (folded) owner, service and tag.
import { incidentSorts, incidentSeverities, incidentStatuses } from "@opentrace/contract/incidents.ts";
import { ArrowDownWideNarrow, ArrowUpNarrowWide, Search, SlidersHorizontal } from "lucide-react";
import { type RefObject, useState } from "react";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { controlClasses, Field, Select } from "../../../ui/field.tsx";
import { Toggles } from "../../../ui/toggles.tsx";
import { emptyList, type ListState, narrowedBy } from "../url.ts";
import { severityWords, sortWords, statusWords } from "../words.ts";

interface Props {
  state: ListState;
  onChange: (next: Partial<ListState>) => void;
  searchField: RefObject<HTMLInputElement | null>;
}

const statusOptions = incidentStatuses.map((value) => ({ value, label: statusWords[value][0] }));
const severityOptions = incidentSeverities.toReversed().map((value) => ({ value, label: severityWords[value][0] }));

export function Filters({ state, onChange, searchField }: Props) {
  const [opened, setOpened] = useState(false);
  const open = opened || state.owner !== "" || state.service !== "" || state.tag !== "" || state.merged;
  return (
    <search aria-label="Incidents" className="flex flex-col gap-3 px-4 pb-3 sm:px-6">
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-0 flex-1 basis-64">
          <Search
            size={15}
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
          />
          <input
            ref={searchField}
            type="search"
            aria-label="Search titles, descriptions and evidence"
            placeholder="Search titles, descriptions and evidence…"
            value={state.q}
            onChange={(event) => onChange({ q: event.target.value })}
            autoComplete="off"
            className={classes(controlClasses, "h-9 pl-8")}
          />
        </div>
        <Select
          label="Sort by"
          hideLabel
          value={state.sort ?? ""}
          onChange={(event) =>
            onChange({ sort: incidentSorts.find((each) => each === event.target.value) ?? null, ascending: false })
          }
        >
          <option value="">{state.q === "" ? "Newest" : "Best match"}</option>
          {incidentSorts
            .filter(
              (each) =>
                each !== (state.q === "" ? "created_at" : "relevance") && (each !== "relevance" || state.q !== ""),
            )
            .map((each) => (
              <option key={each} value={each}>
                {sortWords[each]}
              </option>
            ))}
        </Select>
        {state.sort !== null && state.sort !== "relevance" ? (
          <IconButton
            label={state.ascending ? "Lowest first" : "Highest first"}
            onClick={() => onChange({ ascending: !state.ascending })}
          >
            {state.ascending ? (
              <ArrowUpNarrowWide size={15} aria-hidden />
            ) : (
              <ArrowDownWideNarrow size={15} aria-hidden />
            )}
          </IconButton>
        ) : null}
        <Button small look="quiet" aria-expanded={open} onClick={() => setOpened(!open)}>
          <SlidersHorizontal size={14} aria-hidden /> More filters
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Toggles
          label="Status"
          values={state.status}
          options={statusOptions}
          onChange={(status) => onChange({ status })}
        />
        <Toggles
          label="Severity"
          values={state.severity}
          options={severityOptions}
          onChange={(severity) => onChange({ severity })}
        />
        {narrowedBy(state) > 0 || state.q !== "" ? (
          <Button small look="quiet" onClick={() => onChange(emptyList)}>
            Clear
          </Button>
        ) : null}
      </div>
      {open ? (
        <div className="grid max-w-3xl items-end gap-3 sm:grid-cols-4">
          {(["owner", "service", "tag"] as const).map((name) => (
            <Field
              key={name}
              label={{ owner: "Owner", service: "Affected service", tag: "Tag" }[name]}
              value={state[name]}
              onChange={(event) => onChange({ [name]: event.target.value })}
              autoComplete="off"
              spellCheck={false}
            />
          ))}
          <label className="flex h-9 items-center gap-2">
            <input
              type="checkbox"
              checked={state.merged}
              onChange={(event) => onChange({ merged: event.target.checked })}
              className="size-4 accent-[var(--accent)]"
            />
            Duplicates too
          </label>
        </div>
      ) : null}
    </search>
  );
}
