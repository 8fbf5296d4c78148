// What is told of a repository's files: how much of them is in which language, and what was skipped; on both engines.
import { afterAll, beforeAll, expect, it } from "vitest";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { createRepository, startTestServer, type TestServer } from "../testing/test-server.ts";

forEachStore("the files of a repository", (test) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, test.config);
  });
  afterAll(() => server.close());

  it("finds what was skipped by a part of its path or detail, and counts what is found", async () => {
    const own = createRepository({
      "assets/Logo_1.ts": "\u0000",
      "assets/logo-2.ts": "\u0000",
      "docs/gone.md": "Not now.\n",
      ".otignore": "docs/\n",
    });
    const { id } = await server.index(own.path);
    const found = async (query: string) => {
      const answer = await server.send("GET", `/api/v1/repositories/${id}/skipped?${query}`);
      const { skipped, byReason, page } = answer.body as {
        skipped: { path: string }[];
        byReason: Record<string, number>;
        page: { total: number };
      };
      return { paths: skipped.map((one) => one.path), byReason, total: page.total };
    };
    expect(await found("q=LOGO")).toEqual({
      paths: ["assets/Logo_1.ts", "assets/logo-2.ts"],
      byReason: { binary: 2 },
      total: 2,
    });
    expect(await found("q=logo_")).toEqual({ paths: ["assets/Logo_1.ts"], byReason: { binary: 1 }, total: 1 });
    expect(await found("q=%25")).toEqual({ paths: [], byReason: {}, total: 0 });
    expect((await found("q=otignore")).byReason).toEqual({ ignored: 1 });
    own.remove();
  });

  it("says how much of a repository is in which language", async () => {
    const own = createRepository({
      "a.ts": "export const a = 1;\n",
      "b.ts": "export const b = 22;\n",
      "c.py": "c = 3\n",
      "notes.txt": "Not source.\n",
      "d.ts": "\u0000",
    });
    const { id } = await server.index(own.path);
    expect((await server.send("GET", `/api/v1/repositories/${id}/languages`)).body).toEqual({
      languages: [
        { language: "typescript", files: 2, bytes: 41 },
        { language: null, files: 1, bytes: 12 },
        { language: "python", files: 1, bytes: 6 },
      ],
      files: 4,
      bytes: 59,
    });
    own.remove();
  });
});
