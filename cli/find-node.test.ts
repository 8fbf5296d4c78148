import { expect, it } from "vitest";
import type { Client } from "./client.ts";
import { findNode } from "./find-node.ts";

const hit = (key: string, name: string) => ({ node: { id: key, key, name }, match: "exact" });

it("takes the name in the spelling that was typed before one in other letters, wherever it comes in the search", async () => {
  const hits = [hit("symbol:shop#app.py#Flask", "Flask"), hit("repo:shop/flask", "flask")];
  const client = { call: async () => ({ hits }) } as unknown as Client;
  const { signal } = new AbortController();
  expect(await findNode(client, "flask", signal)).toMatchObject({ id: "repo:shop/flask" });
  expect(await findNode(client, "Flask", signal)).toMatchObject({ id: "symbol:shop#app.py#Flask" });
  expect(await findNode(client, "FLASK", signal)).toMatchObject({ id: "symbol:shop#app.py#Flask" });
});
