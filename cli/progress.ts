// Live progress of a job: one line that redraws itself in a terminal, a plain line a phase elsewhere.
import type { JobProgress } from "@opentrace/contract/repositories.ts";
import { grouped, plural } from "./output.ts";

export interface ProgressView {
  show(progress: JobProgress): void;
  end(): void;
}

const said: Record<JobProgress["phase"], string> = {
  queued: "waiting",
  fetching: "fetching",
  listing: "listing files",
  reading: "reading",
  resolving: "resolving",
  writing: "writing",
  history: "reading history",
  finishing: "finishing",
  done: "done",
};

function counted({ filesDone, filesTotal, nodes, edges }: JobProgress): string {
  const files = filesTotal > 0 ? `${grouped(filesDone)} / ${plural(filesTotal, "file")}` : "";
  return [files, nodes > 0 ? `${plural(nodes, "node")}, ${plural(edges, "edge")}` : ""]
    .filter((part) => part !== "")
    .join(" · ");
}

export function createProgressView(out: NodeJS.WriteStream = process.stderr): ProgressView {
  if (!out.isTTY) return plainView(out);
  const draw = (text: string): void => void out.write(`\r\u001b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
  return {
    show(progress) {
      const { phase, filesDone, filesTotal, etaSeconds } = progress;
      const share = filesTotal > 0 ? Math.min(1, filesDone / filesTotal) : 0;
      const bar = `${"█".repeat(Math.round(share * 20))}${"░".repeat(20 - Math.round(share * 20))}`;
      const left = etaSeconds === null || etaSeconds < 1 ? "" : ` · ${Math.ceil(etaSeconds)} s left`;
      draw(`${bar} ${said[phase]} ${counted(progress)}${left}`);
    },
    end: () => draw(""),
  };
}

function plainView(out: NodeJS.WriteStream): ProgressView {
  let phase = "";
  return {
    show(progress) {
      if (progress.phase === phase || progress.phase === "queued" || progress.phase === "done") return;
      phase = progress.phase;
      const counts = counted(progress);
      out.write(`${said[progress.phase]}${counts === "" ? "" : ` (${counts})`}\n`);
    },
    end() {},
  };
}
