// A fake vendor's git: real `git http-backend` over a bare repository.
import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

/** The password of HTTP Basic: where git puts a token. */
export const basicPassword = (request: IncomingMessage): string =>
  Buffer.from((request.headers.authorization ?? "").split(" ")[1] ?? "", "base64")
    .toString("utf8")
    .split(":")
    .slice(1)
    .join(":");

/** `path` is what follows the repository's own address: `/info/refs`. */
export function serveGit(
  { folder, path }: { folder: string; path: string },
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): void {
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "uploadpack.allowFilter",
      GIT_CONFIG_VALUE_0: "true",
      PATH_INFO: path,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let started = false;
  backend.stdout.on("data", (chunk: Buffer) => {
    if (started) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    started = true;
    let status = 200;
    const headers: Record<string, string> = {};
    for (const line of head.subarray(0, end).toString("utf8").split("\r\n")) {
      const [name = "", value = ""] = line.split(/:\s*(.*)/s);
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else headers[name.toLowerCase()] = value;
    }
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
  });
  backend.on("close", () => response.end());
  response.on("close", () => backend.kill());
}
