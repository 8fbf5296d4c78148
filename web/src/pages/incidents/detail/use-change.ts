// Changes of an incident: shown at once, refused when somebody else was faster, and then laid beside what they did.
import type { Incident, IncidentChanges, IncidentDetail } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { toast } from "sonner";
import type { z } from "zod";
import { ApiError } from "../../../api/http.ts";
import { changeIncident } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { errorMessage } from "../../../ui/states.tsx";

type Changes = z.input<typeof IncidentChanges>;

/** Two people changed the same incident. */
export interface Conflict {
  /** What this page showed when the change was begun. */
  base: Incident;
  theirs: IncidentDetail;
  mine: Changes;
}

export interface Change {
  /** `base`: the incident as it was when the change was begun. */
  make: (mine: Changes, base: Incident) => Promise<boolean>;
  isPending: boolean;
  conflict: Conflict | null;
  giveUp: () => void;
}

export function useChange(id: string): Change {
  const client = useQueryClient();
  const queryKey = incidents.keyOf(id);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const take = (incident: Incident): void => {
    client.setQueryData<IncidentDetail>(queryKey, (before) => (before ? { ...before, ...incident } : before));
    // Its history is kept by its id, whatever the address calls it.
    void client.invalidateQueries({ queryKey: queryKey.slice(0, 2) });
    void client.invalidateQueries({ queryKey: incidents.listKey });
  };
  /** What our own changes made of a version: a next one, begun before the answer was there, goes on from it. */
  const own = useRef(new Map<number, number>());
  const latestOf = (version: number): number => {
    const next = own.current.get(version);
    return next === undefined ? version : latestOf(next);
  };
  const mutation = useMutation({
    mutationFn: async ({ mine, base }: { mine: Changes; base: Incident }) => {
      const version = latestOf(base.version);
      const incident = await changeIncident(base.id, version, mine);
      if (incident.version > version) own.current.set(version, incident.version);
      return incident;
    },
    scope: { id: `incident ${id}` },
    onMutate: async ({ mine }) => {
      await client.cancelQueries({ queryKey, exact: true });
      const shownBefore = client.getQueryData<IncidentDetail>(queryKey);
      client.setQueryData<IncidentDetail>(queryKey, (incident) => (incident ? shown(incident, mine) : incident));
      return shownBefore;
    },
    onSuccess: take,
    onError: async (error, { mine, base }, shownBefore) => {
      client.setQueryData(queryKey, shownBefore);
      if (!(error instanceof ApiError) || error.status !== 412) return void toast.error(errorMessage(error));
      const theirs = await client.fetchQuery({ ...incidents.one(id), staleTime: 0 });
      setConflict({ base, theirs, mine });
    },
  });
  return {
    make: async (mine, base) => {
      try {
        await mutation.mutateAsync({ mine, base });
        setConflict(null);
        return true;
      } catch {
        // Told by onError.
        return false;
      }
    },
    isPending: mutation.isPending,
    conflict,
    giveUp: () => setConflict(null),
  };
}

/** As the server will have it; what is emptied by null is an empty list where it is one. */
function shown(incident: IncidentDetail, mine: Changes): IncidentDetail {
  const { affected_services, tags, incident_metadata: _same, started_at, ...rest } = mine;
  return {
    ...incident,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(affected_services === undefined ? {} : { affected_services: affected_services ?? [] }),
    ...(tags === undefined ? {} : { tags: tags ?? [] }),
    ...(started_at === undefined ? {} : { started_at }),
  };
}

export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

const compared = [
  "title",
  "description",
  "severity",
  "status",
  "owner",
  "affected_services",
  "tags",
  "started_at",
  "incident_metadata",
] as const;

/** What others changed since: field by field. */
export const changedSince = (base: Incident, theirs: Incident): FieldChange[] =>
  compared.flatMap((field) =>
    JSON.stringify(base[field]) === JSON.stringify(theirs[field])
      ? []
      : [{ field, from: base[field], to: theirs[field] }],
  );
