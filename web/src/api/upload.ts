// Sends a file and tells how much of it has gone: fetch does not.
import type { z } from "zod";
import { ApiError, apiUrl, authHeaders, failureOf, type QueryValue, unreachable } from "./http.ts";

export function upload<S extends z.ZodType>(
  path: string,
  schema: S,
  /** A form; or a file as it is, with what is said of it in the query. */
  what: { form: FormData } | { file: Blob; query: Record<string, QueryValue> },
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<z.infer<S>> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", apiUrl(path, "query" in what ? what.query : {}));
    for (const [name, value] of Object.entries(authHeaders())) request.setRequestHeader(name, value);
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status >= 300) return reject(failureOf(request.status, request.responseText));
      const answer = schema.safeParse(parseJson(request.responseText));
      if (answer.success) resolve(answer.data);
      else
        reject(
          new ApiError(
            request.status,
            "unexpected_answer",
            "The file has arrived, but the server's answer is not what this page expects. Reload the page.",
          ),
        );
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if ("file" in what) request.setRequestHeader("content-type", "text/plain; charset=utf-8");
    request.send("form" in what ? what.form : what.file);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
