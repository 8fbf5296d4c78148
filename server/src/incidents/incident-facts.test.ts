// Incidents in the graph: as nodes that questions find, tied to what their services are.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AskAnswer } from "@opentrace/contract/ask.ts";
import type { Incident, IncidentDetail } from "@opentrace/contract/incidents.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import {
  createRepository,
  shopFiles,
  startTestServer,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

const api = "/api/v1";

forEachStore("incidents in the graph", (test) => {
  let server: TestServer;
  let repository: TestRepository;
  beforeAll(async () => {
    server = await startTestServer({}, test.config);
    repository = createRepository(shopFiles);
  });
  afterAll(async () => {
    await server.close();
    repository.remove();
  });

  const detail = async (id: string): Promise<IncidentDetail> =>
    (await server.send("GET", `${api}/incidents/${id}`)).body;
  const export_ = async (): Promise<string[]> => {
    const text = await (await fetch(`${server.address}${api}/graph/export`)).text();
    return text.split("\n").filter((line) => line.includes("incident:"));
  };

  it("are nodes with what they affect, and follow every change", async () => {
    const indexed = await server.index(repository.path);
    const service = indexed.name.split("/").at(-1) ?? "";
    const made = await server.send("POST", `${api}/incidents`, {
      title: "Zebracheckout is down",
      severity: "critical",
      affected_services: [service, "never-heard-of"],
    });
    const { id } = made.body as Incident;
    await expect
      .poll(async () => (await detail(id)).affected_nodes, { timeout: 300_000, interval: 200 })
      .toEqual([
        { service, node: expect.objectContaining({ key: indexed.key, type: "Repository" }) },
        { service: "never-heard-of", node: null },
      ]);
    const lines = await export_();
    expect(lines.some((line) => line.includes('"AFFECTS"') && line.includes(indexed.key))).toBe(true);
    const asked = await server.send("POST", `${api}/ask`, { question: "Find Zebracheckout" });
    expect((asked.body as AskAnswer).nodes.map((node) => node.key)).toContain(`incident:${id}`);
    await server.send("PATCH", `${api}/incidents/${id}`, { affected_services: [], title: "Zebracheckout was down" });
    await expect
      .poll(async () => (await export_()).some((line) => line.includes('"AFFECTS"')), {
        timeout: 300_000,
        interval: 200,
      })
      .toBe(false);
    expect((await export_()).some((line) => line.includes("Zebracheckout was down"))).toBe(true);
  });

  it("are tied to a service that becomes known later", async () => {
    const later = createRepository({ "README.md": "# later" });
    try {
      const name = later.path.split("/").at(-1) ?? "";
      const { id } = (await server.send("POST", `${api}/incidents`, { title: "Early", affected_services: [name] }))
        .body as Incident;
      await expect
        .poll(async () => (await export_()).some((line) => line.includes(`incident:${id}`)), {
          timeout: 300_000,
          interval: 200,
        })
        .toBe(true);
      await server.index(later.path);
      await server.application.incidents.lookAgain();
      await expect
        .poll(async () => (await detail(id)).affected_nodes[0]?.node?.type, { timeout: 300_000, interval: 200 })
        .toBe("Repository");
    } finally {
      later.remove();
    }
  });
});
