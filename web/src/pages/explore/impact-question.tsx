// What is supposed to change: a node, lines of a file, or a pasted diff; and how many hops to follow.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, Zap } from "lucide-react";
import { type DragEvent, type FormEvent, useEffect, useId, useState } from "react";
import { diffOf, diffStat, diffToken, longestDiff } from "../../api/diff-token.ts";
import { type Change, repositories } from "../../api/queries.ts";
import { pathOf, repositoryKeyOf } from "../../graph/describe.ts";
import { Button } from "../../ui/button.tsx";
import { classes } from "../../ui/classes.ts";
import { controlClasses, Field, Select } from "../../ui/field.tsx";
import { PickFile } from "../../ui/pick-file.tsx";
import { Segments } from "../../ui/segments.tsx";
import { errorMessage } from "../../ui/states.tsx";
import { count, plural } from "../../ui/time-text.ts";
import { linesText, parseLines, sourceSearch } from "../source/url.ts";
import { NodePicker } from "./node-picker.tsx";
import { NodeSearch } from "./node-search.tsx";
import { type ChangeKind, changeKinds, type ExploreState } from "./url.ts";
import type { Explore } from "./use-explore.ts";

const kindWords: Record<ChangeKind, string> = { node: "A node", lines: "Lines of a file", diff: "A diff" };

/** Null until enough is said to ask. */
export function changeOf({ by, of, repository, path, lines, diff }: ExploreState): Change | null {
  if (by === "node") return of === null ? null : { by, id: of };
  if (by === "lines") return path === "" ? null : { by, repository, path, lines };
  return diff === null ? null : { by, token: diff, repository };
}

export function ImpactQuestion({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  return (
    <section aria-label="Impact of" className="flex flex-col gap-3 px-4 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <Segments
          label="What changes"
          value={state.by}
          options={changeKinds.map((kind) => ({ value: kind, label: kindWords[kind] }))}
          onChange={(by) => change({ by, select: null, hop: 0, sort: null })}
        />
        <Select
          label="Hops"
          value={String(state.depth)}
          onChange={(event) => change({ depth: Number(event.target.value), hop: 0 })}
        >
          {[1, 2, 3, 4, 5, 6, 8, 10].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      </div>
      {state.by === "node" ? (
        <NodePicker
          id={state.of}
          label="If this changes"
          onPick={(of) => change({ of, select: null, hop: 0 })}
          autoFocus={state.of === null}
        />
      ) : state.by === "lines" ? (
        <LinesQuestion key={`${state.repository} ${state.path} ${linesText(state.lines)}`} explore={explore} />
      ) : (
        <DiffQuestion key={state.diff} explore={explore} />
      )}
    </section>
  );
}

function LinesQuestion({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const [file, setFile] = useState({ repository: state.repository, path: state.path });
  const [lines, setLines] = useState(linesText(state.lines) ?? "");
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const range = parseLines(lines.replace(/\s/g, "").replace("–", "-"));
    if (lines.trim() !== "" && range === null) setWrong("Write one line, like 12, or a range, like 12-40.");
    else change({ ...file, lines: range, select: null, hop: 0 });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <div className="flex flex-col gap-2 sm:flex-row sm:items-start">
        <div className="flex min-w-0 flex-1 flex-col gap-1.5">
          <span aria-hidden className="text-sm font-medium">
            File
          </span>
          <NodeSearch
            label="File"
            placeholder="Search a file…"
            value={file.path}
            types={["File"]}
            onPick={(node) => setFile({ repository: repositoryKeyOf(node), path: pathOf(node) ?? node.name })}
            onClear={() => setFile({ repository: null, path: "" })}
            autoFocus={state.path === ""}
          />
        </div>
        <Field
          label="Lines"
          value={lines}
          onChange={(event) => (setLines(event.target.value), setWrong(null))}
          placeholder="12-40, empty for all"
          error={wrong}
          autoComplete="off"
          inputMode="text"
          className="sm:w-48"
        />
        <Button type="submit" look="primary" disabled={file.path === ""} className="sm:mt-[26px]">
          <Zap size={15} aria-hidden /> Show impact
        </Button>
      </div>
      {file.repository === null ? null : (
        <p className="text-sm text-muted">
          in {file.repository.replace(/^repo:/, "")}
          {state.path === "" || state.repository === null ? null : (
            <>
              {" · "}
              <Link
                to="/source"
                search={sourceSearch({ repository: state.repository, path: state.path, lines: state.lines })}
                className="rounded-sm text-accent-text underline underline-offset-2"
              >
                See {state.lines === null ? "the file" : "these lines"}
              </Link>
            </>
          )}
        </p>
      )}
    </form>
  );
}

function DiffQuestion({ explore }: { explore: Explore }) {
  const { state, change } = explore;
  const { data: known } = useQuery(repositories.all);
  const { data: pasted } = useQuery({
    queryKey: ["diff", state.diff],
    queryFn: () => diffOf(state.diff ?? ""),
    enabled: state.diff !== null,
  });
  const [text, setText] = useState("");
  const [editing, setEditing] = useState(state.diff === null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const textId = useId();
  useEffect(() => {
    if (pasted) setText(pasted);
    // The address names a diff that is not here: it has to be pasted again.
    if (pasted === null) setEditing(true);
  }, [pasted]);

  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > 4 * longestDiff) setWrong(`${file.name} is too large to be a diff that can be asked about.`);
    else {
      setText(await file.text());
      setWrong(null);
    }
  };
  const submit = async (): Promise<void> => {
    if (text.length > longestDiff)
      setWrong(
        `The diff has ${count(text.length)} characters; ${count(longestDiff)} can be asked about at once. Paste a part of its files.`,
      );
    else if (diffStat(text).files === 0)
      setWrong("This is no unified diff. Paste what `git diff` prints, with its --- and +++ lines.");
    else
      try {
        const diff = await diffToken(text);
        if (diff === state.diff) setEditing(false);
        change({ diff, select: null, hop: 0 });
      } catch (error) {
        setWrong(errorMessage(error));
      }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const names = known?.repositories ?? [];
  const stat = diffStat(text);
  const within =
    names.length > 1 ? (
      <Select
        label="In"
        value={state.repository ?? ""}
        onChange={(event) => change({ repository: event.target.value || null })}
      >
        <option value="">whichever repository has its files</option>
        {names.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </Select>
    ) : null;
  if (!editing)
    return (
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="tabular-nums">
          A diff of {plural(stat.files, "file")}: <span className="text-ok">+{count(stat.added)}</span>{" "}
          <span className="text-bad">−{count(stat.removed)}</span>
        </p>
        {within}
        <Button small onClick={() => setEditing(true)}>
          Edit the diff
        </Button>
      </div>
    );
  return (
    <form
      onSubmit={(event) => (event.preventDefault(), void submit())}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className="flex flex-col gap-2"
    >
      <label htmlFor={textId} className="text-sm font-medium">
        Unified diff
      </label>
      <textarea
        id={textId}
        value={text}
        onChange={(event) => (setText(event.target.value), setWrong(null))}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) void submit();
        }}
        spellCheck={false}
        autoFocus
        rows={10}
        aria-invalid={wrong !== null || undefined}
        aria-describedby={`${textId}-hint${wrong === null ? "" : ` ${textId}-error`}`}
        placeholder={"--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -10,4 +10,5 @@ …"}
        className={classes(controlClasses, "resize-y py-2 font-mono text-sm", over && "outline-2 outline-accent-text")}
      />
      {wrong === null ? null : (
        <p id={`${textId}-error`} role="alert" className="text-sm text-bad">
          {wrong}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button type="submit" look="primary" disabled={text.trim() === ""}>
          <Zap size={15} aria-hidden /> Show impact
        </Button>
        <PickFile label="Diff file" accept=".diff,.patch,text/x-diff,text/plain" onPick={(file) => void take(file)}>
          <FileUp size={15} aria-hidden /> Open a file
        </PickFile>
        {within}
        <p id={`${textId}-hint`} className="text-sm text-faint">
          Paste the output of <code className="font-mono">git diff</code>, or drop a .patch file. It is matched against
          the indexed commit.
        </p>
      </div>
    </form>
  );
}
