// The test of a connection: each permission with what came of trying it, how long that took, and how to grant what is missing.
import type { IntegrationTest, PermissionCheck } from "@opentrace/contract/integrations.ts";
import { CircleAlert, CircleCheck, CircleHelp } from "lucide-react";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";
import { count } from "../../ui/time-text.ts";
import { permissionWords } from "./words.ts";

const icons = {
  granted: <CircleCheck size={16} aria-hidden className="mt-0.5 shrink-0 text-ok" />,
  missing: <CircleAlert size={16} aria-hidden className="mt-0.5 shrink-0 text-bad" />,
  unknown: <CircleHelp size={16} aria-hidden className="mt-0.5 shrink-0 text-faint" />,
};

const missingChecks = (test: IntegrationTest): PermissionCheck[] =>
  test.checks.filter(({ state }) => state === "missing");

export function PermissionList({ test }: { test: IntegrationTest }) {
  if (test.error)
    return (
      <div role="alert" className="flex flex-col gap-1 rounded-md bg-bad-soft px-3 py-2.5 text-bad">
        <p className="break-words">{test.error.message}</p>
        <p className="text-sm">
          Tried <Time at={test.testedAt} />, it took {count(test.ms)} ms.
        </p>
      </div>
    );
  return (
    <div className="flex flex-col gap-2">
      <Card>
        <ul aria-label="Permissions" className="divide-y divide-line">
          {test.checks.map((check) => (
            <Check key={check.permission} check={check} />
          ))}
        </ul>
      </Card>
      <p role="status" className="text-sm text-muted">
        {summary(test)} Tried <Time at={test.testedAt} />, it took {count(test.ms)} ms.
      </p>
    </div>
  );
}

function Check({ check }: { check: PermissionCheck }) {
  const { name, why, state, optional, detail, ms } = check;
  const [word, tone] = permissionWords[state];
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-2.5">
      {icons[state]}
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="font-medium">{name}</span>
        <span className="text-sm text-muted">to {why}</span>
      </p>
      <div className="flex flex-col items-end gap-0.5">
        <Badge tone={state === "missing" && optional ? "warn" : tone}>
          {word}
          {state === "missing" && optional ? ", optional" : ""}
        </Badge>
        {ms > 0 ? <span className="text-xs text-faint tabular-nums">{count(Math.round(ms))} ms</span> : null}
      </div>
      {detail ? (
        <p className={`col-span-2 col-start-2 text-sm break-words ${state === "missing" ? "" : "text-muted"}`}>
          {detail}
        </p>
      ) : null}
    </li>
  );
}

function summary(test: IntegrationTest): string {
  const missing = missingChecks(test);
  const granted = test.checks.filter(({ state }) => state === "granted").length;
  const of = `${granted} of ${test.checks.length} permissions are granted.`;
  if (missing.length === 0) return of;
  return test.ok ? `${of} What is missing is optional: the rest works without.` : `${of} A required one is missing.`;
}
