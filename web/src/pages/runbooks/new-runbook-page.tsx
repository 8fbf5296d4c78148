// A new runbook: written here, or taken from a Markdown file that is looked over before it is kept.
import { readRunbook } from "@opentrace/contract/runbook-markdown.ts";
import { Link, useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { addRunbook } from "../../api/runbooks.ts";
import { buttonClasses } from "../../ui/button.tsx";
import { NotAllowed, useMay } from "../../ui/may.tsx";
import { Card, PageFrame, usePageTitle } from "../../ui/page.tsx";
import { PickFile } from "../../ui/pick-file.tsx";
import { Notice } from "../../ui/states.tsx";
import { bytesText } from "../../ui/time-text.ts";
import { Trail } from "../../ui/trail.tsx";
import { RunbookForm, type RunbookText } from "./runbook-form.tsx";

const above = <Trail steps={[{ label: "Runbooks", link: { to: "/runbooks" } }]} here="New" />;
const mostBytes = 200_000;
const nothing: RunbookText = { title: "", body: "", services: [], tags: [] };

export function NewRunbookPage() {
  usePageTitle("New runbook");
  const navigate = useNavigate();
  const { may } = useMay();
  const [taken, setTaken] = useState<{ name: string; text: RunbookText } | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const take = async (file: File): Promise<void> => {
    const why = whyNot(file);
    setRefused(why);
    if (why !== null) return;
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      setTaken({ name: file.name, text: readRunbook(text, file.name, null) });
    } catch {
      setRefused(`${file.name} is not a text in UTF-8.`);
    }
  };
  if (!may("incidents:write"))
    return (
      <PageFrame title="New runbook" above={above}>
        <NotAllowed permission="incidents:write" title="You may not write runbooks">
          <Link to="/runbooks" className={buttonClasses()}>
            All runbooks
          </Link>
        </NotAllowed>
      </PageFrame>
    );
  return (
    <PageFrame
      title="New runbook"
      above={above}
      actions={
        <PickFile
          label="Markdown file"
          accept=".md,.markdown,text/markdown,text/plain"
          onPick={(file) => void take(file)}
        >
          <FileUp size={15} aria-hidden /> From a Markdown file
        </PickFile>
      }
    >
      {refused ? (
        <div role="alert">
          <Notice tone="warn">{refused}</Notice>
        </div>
      ) : taken ? (
        <Notice tone="neutral">
          Taken from {taken.name}: look it over, then save it. The file itself is not kept.
        </Notice>
      ) : null}
      <Card className="p-4 sm:p-5">
        <RunbookForm
          key={taken === null ? "" : `${taken.name} ${taken.text.body.length}`}
          label="New runbook"
          start={taken?.text ?? nothing}
          save={addRunbook}
          onSaved={(id) => void navigate({ to: "/runbooks/$id", params: { id } })}
          onCancel={() => void navigate({ to: "/runbooks" })}
        />
      </Card>
    </PageFrame>
  );
}

function whyNot({ name, size }: File): string | null {
  if (!/\.(md|markdown|txt)$/i.test(name)) return `${name} is not a Markdown file: its name should end in .md.`;
  if (size > mostBytes)
    return `${name} has ${bytesText(size)}; a runbook may have ${bytesText(mostBytes)}. Take it apart into several.`;
  return size === 0 ? `${name} is empty.` : null;
}
