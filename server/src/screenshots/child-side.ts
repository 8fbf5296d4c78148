// The child's end of warm-child.ts: answers one request after the other and ends when it has grown too large or its parent is gone.
import { AppError, type ErrorCode } from "@opentrace/contract/errors.ts";

export type FromChild<Answer> =
  | { is: "done"; answer: Answer }
  | { is: "failed"; error: { code: ErrorCode; message: string } | null; stack: string };

/** How it ends when it has grown too large. */
export const tooMuchMemory = 77;

export function serve(work: (asked: never) => Promise<unknown>): void {
  const limit = Number(process.argv[2]) * 1024 * 1024;
  setInterval(() => {
    if (process.memoryUsage.rss() > limit) process.exit(tooMuchMemory);
  }, 50).unref();
  process.on("disconnect", () => process.exit(0));
  process.on("message", (asked: unknown) => {
    const answer = (message: FromChild<unknown>): void => void process.send?.(message);
    work(asked as never).then(
      (done) => answer({ is: "done", answer: done }),
      (error: unknown) =>
        answer({
          is: "failed",
          error: error instanceof AppError ? { code: error.code, message: error.message } : null,
          stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    );
  });
}
