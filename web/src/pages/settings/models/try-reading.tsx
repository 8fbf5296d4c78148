// Tries the reading of screenshots on a picture: the one that comes with the server, or one's own. It is not kept.
import type { VlmStatus } from "@opentrace/contract/models.ts";
import { useMutation } from "@tanstack/react-query";
import { ImageUp } from "lucide-react";
import { useRef, useState } from "react";
import { tryReading } from "../../../api/models.ts";
import { Button } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/page.tsx";
import { PickFile } from "../../../ui/pick-file.tsx";
import { ErrorNote, Notice, Working } from "../../../ui/states.tsx";
import { durationText } from "../../../ui/time-text.ts";
import { Attempts, Findings } from "../../incidents/detail/findings.tsx";

/** The server takes 1,000,000 letters of base64. */
const mostBytes = 740_000;

export function TryReading({ status }: { status: VlmStatus | undefined }) {
  const stop = useRef<AbortController>(null);
  const [tooLarge, setTooLarge] = useState(false);
  const read = useMutation({
    mutationFn: async (file: File | null) => {
      stop.current = new AbortController();
      return tryReading(file === null ? null : await base64Of(file), stop.current.signal);
    },
  });
  const start = (file: File | null): void => {
    const large = file !== null && file.size > mostBytes;
    setTooLarge(large);
    read.reset();
    if (!large) read.mutate(file);
  };
  return (
    <Section title="Try the reading of a picture">
      {status ? <p className="max-w-2xl text-muted">{status.message}</p> : null}
      <div className="flex flex-wrap gap-2">
        <Button disabled={read.isPending} onClick={() => start(null)}>
          Read the example
        </Button>
        <PickFile
          label="Picture to read"
          accept="image/png,image/jpeg,image/webp"
          disabled={read.isPending}
          onPick={start}
        >
          <ImageUp size={15} aria-hidden /> Read a picture of mine
        </PickFile>
      </div>
      {tooLarge ? (
        <Notice tone="warn">
          A picture for a try may have 740 KB. Larger ones are read when they are added to an incident.
        </Notice>
      ) : null}
      {read.isPending ? (
        <Card>
          <Working label="Reading it" onStop={() => stop.current?.abort()} rows={3} />
        </Card>
      ) : read.error && stop.current?.signal.aborted !== true ? (
        <ErrorNote error={read.error} />
      ) : read.data ? (
        <Card className="flex flex-col gap-3 p-4">
          <p role="status" className="text-sm text-muted">
            Read in {durationText(read.data.milliseconds / 1000)}. The picture was not kept.
          </p>
          <Findings analysis={read.data.analysis} />
          <Attempts attempts={read.data.analysis.attempts} />
        </Card>
      ) : null}
    </Section>
  );
}

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () =>
      resolve(typeof reader.result === "string" ? reader.result.replace(/^[^,]*,/, "") : ""),
    );
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
