// The risk of a change in short: how much it affects, why that matters, what is taken as changed, and what could not be placed.
import type { ImpactAnswer, ImpactRisk as Risk } from "@opentrace/contract/graph-answers.ts";
import { Download } from "lucide-react";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { NodeLink, NodeMark } from "../../ui/node-mark.tsx";
import { typePlural, typeWord } from "../../ui/node-types.ts";
import { count, plural } from "../../ui/time-text.ts";
import { entriesOf } from "../home/entries.ts";
import type { ChangeKind } from "./url.ts";
import { titleOf } from "../../graph/describe.ts";

const tones: Record<Risk["level"], Tone> = { none: "ok", low: "ok", medium: "warn", high: "bad", critical: "bad" };

interface Props {
  answer: ImpactAnswer;
  by: ChangeKind;
  onExport: (format: "csv" | "json") => void;
  busy: boolean;
}

export function ImpactRisk({ answer, by, onExport, busy }: Props) {
  const { risk, seedsTotal, unmatched } = answer;
  if (seedsTotal === 0)
    return (
      <section aria-label="Risk" aria-busy={busy} className="flex flex-col gap-3 px-4 py-4">
        <h2 className="text-lg font-semibold">
          {by === "diff" ? "Nothing that this diff touches is in the graph" : "Nothing on these lines is in the graph"}
        </h2>
        <Unmatched unmatched={unmatched} />
      </section>
    );
  return (
    <section aria-label="Risk" aria-busy={busy} className="flex flex-col gap-2 px-4 py-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-lg font-semibold">
          {risk.affected === 0 ? "Nothing else is affected" : `${plural(risk.affected, "node")} affected`}
        </h2>
        <Badge tone={tones[risk.level]}>{risk.level === "none" ? "No risk found" : `${risk.level} risk`}</Badge>
        <span className="flex-1" />
        {risk.affected > 0 ? (
          <span className="flex gap-2">
            <Button small onClick={() => onExport("csv")}>
              <Download size={14} aria-hidden /> CSV
            </Button>
            <Button small onClick={() => onExport("json")}>
              <Download size={14} aria-hidden /> JSON
            </Button>
          </span>
        ) : null}
      </div>
      <p className="text-muted">{factsOf(risk).join(" · ")}</p>
      {risk.reasons.length > 0 ? (
        <ul className="list-disc pl-5 text-muted">
          {risk.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : null}
      {risk.affected > 0 ? (
        <p className="flex flex-wrap gap-x-3 gap-y-1 text-sm text-muted">
          {entriesOf(risk.byType).map(([type, amount]) => (
            <span key={type} className="inline-flex items-center gap-1.5">
              <NodeMark type={type} size={11} /> {count(amount)}{" "}
              {(amount === 1 ? typeWord(type) : typePlural(type)).toLowerCase()}
            </span>
          ))}
        </p>
      ) : null}
      <Changed answer={answer} open={by !== "node"} />
      {risk.untested.length > 0 ? (
        <p className="flex flex-wrap gap-x-2 text-sm text-warn">
          No test reaches:
          {risk.untested.slice(0, 5).map((node) => (
            <NodeLink key={node.id} node={node} place={false}>
              <span className="underline underline-offset-2">{titleOf(node)}</span>
            </NodeLink>
          ))}
          {risk.untested.length > 5 ? `and ${risk.untested.length - 5} more` : null}
        </p>
      ) : null}
      <Unmatched unmatched={unmatched} />
    </section>
  );
}

function factsOf(risk: Risk): string[] {
  return [
    risk.affected > 0
      ? `${count(risk.certain)} of ${plural(risk.affected, "affected node")} with at least 80% confidence`
      : null,
    risk.files > 0 ? plural(risk.files, "file") : null,
    risk.repositories > 1 ? plural(risk.repositories, "repository", "repositories") : null,
    risk.packages > 0 ? plural(risk.packages, "package") : null,
    risk.tests > 0 ? plural(risk.tests, "test") : null,
    risk.publicApi > 0 ? `${count(risk.publicApi)} of the public API` : null,
  ].filter((fact) => fact !== null);
}

function Changed({ answer, open }: { answer: ImpactAnswer; open: boolean }) {
  const { seeds, seedsTotal } = answer;
  if (seedsTotal < 2 && !open) return null;
  return (
    <details open={open} className="text-sm text-muted">
      <summary className="w-fit rounded-sm">{plural(seedsTotal, "node")} taken as changed</summary>
      <ul className="mt-1 flex max-h-40 flex-col gap-1 overflow-auto pl-4" tabIndex={0} aria-label="Taken as changed">
        {seeds.map(({ node, why, detail }) => (
          <li key={node.id} className="flex min-w-0 items-baseline gap-3">
            <NodeLink node={node} className="text-text" />
            <span className="shrink-0 text-faint">{detail ?? why}</span>
          </li>
        ))}
        {seedsTotal > seeds.length ? <li className="text-faint">and {count(seedsTotal - seeds.length)} more</li> : null}
      </ul>
    </details>
  );
}

function Unmatched({ unmatched }: Pick<ImpactAnswer, "unmatched">) {
  if (unmatched.length === 0) return null;
  return (
    <div className="text-sm text-warn">
      <p>Not taken into account:</p>
      <ul aria-label="Not taken into account" className="max-h-32 overflow-auto pl-4" tabIndex={0}>
        {unmatched.map(({ path, detail }) => (
          <li key={`${path} ${detail}`}>
            <span className="font-mono break-all">{path}</span>: {detail}
          </li>
        ))}
      </ul>
    </div>
  );
}
