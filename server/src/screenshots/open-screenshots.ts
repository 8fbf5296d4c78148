// Screenshots as a whole: what application.ts constructs.
import type { EvidenceStore } from "../incidents/evidence.ts";
import type { GraphNodes } from "../incidents/graph-nodes.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { JobHandler } from "../jobs/job-runner.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../verb.ts";
import type { ScreenshotExtensions } from "./extensions.ts";
import { createImages } from "./images.ts";
import { createReadJobs } from "./read-jobs.ts";
import { type AskModels, readScreenshot } from "./read-screenshot.ts";
import { createScreenshots, type Screenshots } from "./screenshots.ts";
import { createTextReader } from "./text-reader.ts";
import type { VlmVerbsDeps } from "./vlm-verbs.ts";

export interface OpenScreenshotsDeps extends ScreenshotExtensions {
  store: Store;
  queue: JobQueue;
  evidence: EvidenceStore;
  graphNodes: GraphNodes;
  askModels: AskModels | null;
  visionModels: VlmVerbsDeps["visionModels"];
  modelsOff: boolean;
  log: Log;
  now(this: void): Date;
  wake(this: void): void;
}

export interface OpenScreenshots {
  parts: { screenshots: Screenshots } & VlmVerbsDeps;
  jobs: Record<string, JobHandler>;
  /** Looks for screenshots that no job is left for; it does so by itself now and then. */
  recover(this: void): Promise<void>;
  start(this: void): void;
  close(this: void): Promise<void>;
}

/** Jobs whose worker died are taken up by the runner; this finds what no job is left for. */
const recoverEveryMs = 60_000;

export function openScreenshots(deps: OpenScreenshotsDeps): OpenScreenshots {
  const { log } = deps;
  const images = createImages();
  const textReader = createTextReader();
  const { jobs, recover } = createReadJobs({ ...deps, textReader });
  let timer: NodeJS.Timeout | null = null;
  const look = (): void =>
    void recover().catch((err: unknown) => log.warn({ err }, "unread screenshots not looked for"));
  return {
    parts: {
      screenshots: createScreenshots({ ...deps, images }),
      images,
      visionModels: deps.visionModels,
      modelsOff: deps.modelsOff,
      readScreenshot: (ctx, picture) => readScreenshot({ ...deps, textReader }, ctx, picture),
    },
    jobs,
    recover,
    start() {
      look();
      timer = setInterval(look, recoverEveryMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer ?? undefined);
      await Promise.all([images.close(), textReader.close()]);
    },
  };
}
