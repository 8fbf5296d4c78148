// The fake's git: real `git http-backend` over bare repositories, opened by the same tokens as the API.
import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "./fake-access.ts";
import type { FakeState } from "./fake-state.ts";

export function serveGit(
  { state, access }: { state: FakeState; access: Access },
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): void {
  const [, fullName = "", rest = ""] = /^\/([^/]+\/[^/]+)\.git(\/.*)$/.exec(url.pathname) ?? [];
  const repository = state.repository(fullName);
  const [, basic = ""] = (request.headers.authorization ?? "").split(" ");
  const password = Buffer.from(basic, "base64").toString("utf8").split(":").slice(1).join(":");
  const token = access.tokens.get(password);
  if (!token || !access.usable(token)) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
    return;
  }
  const mayRead =
    repository?.gitFolder && access.sees(token, repository.id) && token.permissions["contents"] !== undefined;
  if (!mayRead) {
    response.writeHead(404).end();
    return;
  }
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      GIT_PROJECT_ROOT: repository.gitFolder ?? "",
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "uploadpack.allowFilter",
      GIT_CONFIG_VALUE_0: "true",
      PATH_INFO: rest,
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
