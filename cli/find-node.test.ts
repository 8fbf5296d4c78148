import { expect, it } from "vitest";
import type { Client } from "./client.ts";
import { momentOf } from "./commands/delivery-commands.ts";
import { findNode } from "./find-node.ts";

const hit = (key: string, name: string) => ({
  node: { id: key, key, name, type: key.startsWith("repo:") ? "Repository" : "Package" },
  match: "exact",
});

it("takes the name in the spelling that was typed before one in other letters, wherever it comes in the search", async () => {
  const hits = [hit("symbol:shop#app.py#Flask", "Flask"), hit("repo:shop/flask", "flask")];
  const client = { call: async () => ({ hits }) } as unknown as Client;
  const { signal } = new AbortController();
  expect(await findNode(client, "flask", signal)).toMatchObject({ id: "repo:shop/flask" });
  expect(await findNode(client, "Flask", signal)).toMatchObject({ id: "symbol:shop#app.py#Flask" });
  expect(await findNode(client, "FLASK", signal)).toMatchObject({ id: "symbol:shop#app.py#Flask" });
});

it("takes the repository of a name where that is what can be delivered, and else the first", async () => {
  const hits = [
    hit("package:pypi/flask", "flask"),
    hit("repo:shop/flask", "flask"),
    hit("package:pypi/click", "click"),
  ];
  const client = { call: async () => ({ hits }) } as unknown as Client;
  const { signal } = new AbortController();
  expect(await findNode(client, "flask", signal, ["Repository"])).toMatchObject({ id: "repo:shop/flask" });
  expect(await findNode(client, "flask", signal)).toMatchObject({ id: "package:pypi/flask" });
  expect(await findNode(client, "click", signal, ["Repository"])).toMatchObject({ id: "package:pypi/click" });
});

it("reads a moment as people write it, and says how when it can't", () => {
  const now = new Date("2026-03-10T15:30:00");
  expect(momentOf("yesterday", now)).toBe(new Date("2026-03-09T00:00:00").toISOString());
  expect(momentOf("Today", now)).toBe(new Date("2026-03-10T00:00:00").toISOString());
  expect(momentOf("2026-03-01", now)).toBe(new Date("2026-03-01T00:00:00").toISOString());
  expect(momentOf("12h", now)).toBe(new Date("2026-03-10T03:30:00").toISOString());
  expect(() => momentOf("soon", now)).toThrow(/--since should be .*yesterday.*; not soon\.$/);
});
