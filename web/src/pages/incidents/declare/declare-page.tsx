// Declares an incident: a line of what is wrong is enough, the rest can be added while it goes on.
import { type IncidentSeverity, incidentLimits, incidentSeverities } from "@opentrace/contract/incidents.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { declareIncident } from "../../../api/incident-actions.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { newKey } from "../../../api/new-key.ts";
import { Button, buttonClasses } from "../../../ui/button.tsx";
import { Field, TextArea } from "../../../ui/field.tsx";
import { NotAllowed, useMay } from "../../../ui/may.tsx";
import { Card, PageFrame, usePageTitle } from "../../../ui/page.tsx";
import { Segments } from "../../../ui/segments.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { TokenField } from "../../../ui/token-field.tsx";
import { localTime } from "../local-time.ts";
import { Trail } from "../marks.tsx";
import { ServicesField } from "../services-field.tsx";
import { severityWords } from "../words.ts";

const severityHints: Record<IncidentSeverity, string> = {
  critical: "Users can't do what they came for, or data is at risk.",
  high: "Many users notice it, or a main part works badly.",
  medium: "Some users notice it, or there is a way around.",
  low: "Hardly anybody notices it yet.",
};

export function DeclarePage() {
  usePageTitle("Declare an incident");
  const navigate = useNavigate();
  const { may } = useMay();
  const client = useQueryClient();
  const [once] = useState(newKey);
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [severity, setSeverity] = useState<IncidentSeverity>("medium");
  const [services, setServices] = useState<string[]>([]);
  const [tags, setTags] = useState<string[]>([]);
  const [owner, setOwner] = useState("");
  const [began, setBegan] = useState("");
  const [missing, setMissing] = useState(false);
  const declare = useMutation({
    mutationFn: () =>
      declareIncident(
        {
          title: title.trim(),
          severity,
          description: description.trim() === "" ? null : description,
          owner: owner.trim() === "" ? null : owner.trim(),
          affected_services: services,
          tags,
          ...(began === "" ? {} : { started_at: new Date(began).toISOString() }),
        },
        once,
      ),
    onSuccess: async (incident) => {
      void client.invalidateQueries({ queryKey: incidents.listKey });
      await navigate({ to: "/incidents/$id", params: { id: incident.reference }, replace: true });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setMissing(title.trim() === "");
    if (title.trim() !== "") declare.mutate();
  };
  if (!may("incidents:report"))
    return (
      <PageFrame title="Declare an incident" above={<Trail>New</Trail>}>
        <NotAllowed permission="incidents:report" title="You may not declare incidents" />
      </PageFrame>
    );
  return (
    <PageFrame title="Declare an incident" above={<Trail>New</Trail>}>
      <Card className="max-w-3xl p-5">
        <form onSubmit={submit} noValidate className="flex flex-col gap-5">
          <Field
            label="What is wrong?"
            value={title}
            onChange={(event) => (setTitle(event.target.value), setMissing(false))}
            placeholder="High error rate in the payment service"
            maxLength={incidentLimits.title}
            error={missing ? "Say in a line what is wrong." : null}
            autoFocus
            required
            autoComplete="off"
          />
          <div className="flex flex-col gap-1.5">
            <span className="text-sm font-medium">Severity</span>
            <Segments
              label="Severity"
              value={severity}
              options={incidentSeverities.map((value) => ({ value, label: severityWords[value][0] }))}
              onChange={setSeverity}
            />
            <p aria-live="polite" className="text-sm text-faint">
              {severityHints[severity]}
            </p>
          </div>
          <TextArea
            label={<Optional>What is known</Optional>}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
            maxLength={incidentLimits.description}
            placeholder="What people see, since when, and what was tried."
          />
          <ServicesField values={services} onChange={setServices} />
          <div className="grid gap-5 sm:grid-cols-2">
            <Field
              label={<Optional>Owner</Optional>}
              value={owner}
              onChange={(event) => setOwner(event.target.value)}
              maxLength={incidentLimits.name}
              hint="Who takes care of it."
              autoComplete="off"
            />
            <Field
              label={<Optional>Began</Optional>}
              type="datetime-local"
              value={began}
              max={localTime(new Date())}
              onChange={(event) => setBegan(event.target.value)}
              hint="Now, if you leave it empty. Changes before it are looked at first."
            />
          </div>
          <TokenField label={<Optional>Tags</Optional>} noun="tag" values={tags} onChange={setTags} />
          {declare.error ? <ErrorNote error={declare.error} /> : null}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" disabled={declare.isPending}>
              {declare.isPending ? "Declaring…" : "Declare incident"}
            </Button>
            <Link to="/incidents" className={buttonClasses("quiet")}>
              Cancel
            </Link>
          </div>
        </form>
      </Card>
    </PageFrame>
  );
}

const Optional = ({ children }: { children: string }) => (
  <>
    {children} <span className="ml-1 font-normal text-faint">optional</span>
  </>
);
