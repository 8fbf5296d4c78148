// Screenshots and files of text on their way to the server: how far each is, and why one did not get there.
import { incidentLimits } from "@opentrace/contract/incidents.ts";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { uploadScreenshot, uploadText } from "../../../api/incident-actions.ts";
import { ApiError } from "../../../api/http.ts";
import { incidents } from "../../../api/incident-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { errorMessage } from "../../../ui/states.tsx";
import { bytesText } from "../../../ui/time-text.ts";

interface Upload {
  key: number;
  name: string;
  bytes: number;
  /** 0 to 1. */
  sent: number;
  error: string | null;
}

export interface Uploads {
  list: readonly Upload[];
  add: (files: File[]) => void;
  /** Stops one, or takes the note of a failed one away. */
  drop: (key: number) => void;
}

export function useUploads(incident: string): Uploads {
  const client = useQueryClient();
  const [list, setList] = useState<Upload[]>([]);
  const next = useRef(0);
  const stops = useRef(new Map<number, AbortController>());
  const change = (key: number, part: Partial<Upload>): void =>
    setList((before) => before.map((each) => (each.key === key ? { ...each, ...part } : each)));
  const leave = (key: number): void => {
    stops.current.delete(key);
    setList((before) => before.filter((each) => each.key !== key));
  };
  const send = async (key: number, file: File): Promise<void> => {
    const stop = new AbortController();
    stops.current.set(key, stop);
    try {
      const onProgress = (sent: number): void => change(key, { sent });
      if (isText(file)) {
        if (file.size > incidentLimits.streamedContent) throw new ApiError(413, "too_large", tooLarge(file));
        const said = { evidence_type: typeOf(file.name), title: titleOf(file.name), source: "file" };
        await uploadText(incident, file, said, onProgress, stop.signal);
      } else await uploadScreenshot(incident, file, file.name, onProgress, stop.signal);
      await client.invalidateQueries({ queryKey: incidents.keyOf(incident).slice(0, 2) });
      leave(key);
    } catch (error) {
      if (!stop.signal.aborted) change(key, { error: errorMessage(error) });
    }
  };
  return {
    list,
    add: (files) => {
      const added = files.map((file) => ({ file, key: next.current++ }));
      setList((before) => [
        ...before,
        ...added.map(({ file, key }) => ({ key, name: file.name, bytes: file.size, sent: 0, error: null })),
      ]);
      // One after the other: the first is there soon, and the server reads them one by one anyway.
      void added.reduce((before, { key, file }) => before.then(() => send(key, file)), Promise.resolve());
    },
    drop: (key) => {
      stops.current.get(key)?.abort();
      leave(key);
    },
  };
}

/** By its name and what the browser makes of it; whether a picture really is one the server finds out. */
const isText = ({ name, type }: File): boolean =>
  type.startsWith("text/") ||
  /\.(log|txt|json|ndjson|jsonl|csv|tsv|ya?ml|xml|md|out|err|trace|conf|ini|diff|patch)(\.\d+)?$/i.test(name);
const typeOf = (name: string): string =>
  /trace/i.test(name) ? "trace" : /\.(csv|tsv)$/i.test(name) ? "metric" : /\.md$/i.test(name) ? "note" : "log";
const titleOf = (name: string): string => name.slice(0, incidentLimits.title);
const tooLarge = ({ name, size }: File): string =>
  `${name} has ${bytesText(size)}; a file may have ${bytesText(incidentLimits.streamedContent)}. Cut out what matters.`;

export function UploadList({ uploads }: { uploads: Uploads }) {
  if (uploads.list.length === 0) return null;
  return (
    <ul aria-label="Uploads" className="flex flex-col gap-2">
      {uploads.list.map(({ key, name, bytes, sent, error }) => (
        <li key={key} className="flex flex-col gap-1.5 rounded-md border border-line bg-surface px-3 py-2">
          <div className="flex items-center gap-3">
            <span className="min-w-0 flex-1 truncate">{name}</span>
            <span className="shrink-0 text-sm text-muted tabular-nums">
              {error === null ? `${Math.floor(sent * 100)} % of ${bytesText(bytes)}` : bytesText(bytes)}
            </span>
            <Button small look="quiet" onClick={() => uploads.drop(key)}>
              {error === null ? "Stop" : "Dismiss"}
              <span className="sr-only"> {name}</span>
            </Button>
          </div>
          {error === null ? (
            <Progress done={sent * 100} total={100} label={`Upload of ${name}`} />
          ) : (
            <p role="alert" className="text-sm break-words text-bad">
              {error}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
