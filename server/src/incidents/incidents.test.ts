import { afterAll, beforeAll, expect, it } from "vitest";
import type {
  Evidence,
  Incident,
  IncidentChange,
  IncidentDetail,
  IncidentList,
} from "@opentrace/contract/incidents.ts";
import type { Problem } from "../api/rest/problem.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const api = "/api/v1";

forEachStore("incidents", (test) => {
  let server: TestServer;
  beforeAll(async () => void (server = await startTestServer({}, test.config)));
  afterAll(() => server.close());

  const declare = async (input: object): Promise<Incident> => {
    const answer = await server.send("POST", `${api}/incidents`, input);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
    return answer.body;
  };
  const titles = async (query: string): Promise<string[]> => {
    const answer = await server.send("GET", `${api}/incidents?${query}`);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
    return (answer.body as IncidentList).items.map((one) => one.title);
  };

  it("declares an incident from a title and a severity, with and without the trailing slash", async () => {
    const made = await declare({ title: "Test Incident", severity: "low" });
    expect(made).toMatchObject({
      title: "Test Incident",
      severity: "low",
      status: "open",
      description: null,
      owner: null,
      tags: [],
      affected_services: [],
      incident_metadata: {},
      version: 1,
    });
    const again = await server.send("POST", `${api}/incidents/`, {
      title: "High error rate in payment service",
      description: "Error rate increased to 5%",
      severity: "high",
    });
    expect(again.status).toBe(201);
    const { id, reference } = again.body as Incident;
    for (const path of [`${api}/incidents/${id}`, `${api}/incidents/${id}/`, `${api}/incidents/${reference}`]) {
      const read = await server.send("GET", path);
      expect(read).toMatchObject({
        status: 200,
        body: { id, description: "Error rate increased to 5%", severity: "high" },
      });
    }
  });

  it("takes null for what is not given", async () => {
    const made = await declare({ title: "Nulls", severity: "low", description: null, tags: null, owner: null });
    expect(made).toMatchObject({ description: null, tags: [], owner: null });
  });

  it("refuses what it can't keep, naming the field and what to do", async () => {
    const refused = async (body: object): Promise<Problem> => {
      const answer = await server.send("POST", `${api}/incidents`, body);
      expect(answer.status).toBe(400);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      return answer.body;
    };
    expect((await refused({ title: "x".repeat(301), severity: "low" })).detail).toContain("title");
    expect((await refused({ severity: "low" })).detail).toBe("title is missing.");
    expect((await refused({ title: "x", severity: "huge" })).detail).toContain("severity");
    expect((await refused({ title: "x", severty: "low" })).detail).toContain('Did you mean "severity"?');
    expect((await refused({ title: "a\u0000b" })).detail).toContain("NUL");
    const unknown = await server.send("GET", `${api}/incidents/inc_nothing`);
    expect(unknown).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect((unknown.body as Problem).detail).toContain("GET /api/v1/incidents");
    expect((await server.send("GET", `${api}/incidents/%00`)).status).toBe(404);
    expect((await server.send("GET", `${api}/evidence/%00`)).status).toBe(404);
  });

  it("changes what is given, keeps the rest, and remembers who changed what", async () => {
    const { id } = await declare({ title: "Slow", severity: "low", tags: ["a"] });
    const changed = await server.send("PATCH", `${api}/incidents/${id}`, {
      status: "investigating",
      owner: "ada",
      tags: ["a", "b"],
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { title: "Slow", status: "investigating", owner: "ada", tags: ["a", "b"], version: 2 },
    });
    expect((changed.body as Incident).acknowledged_at).not.toBeNull();
    const same = await server.send("PATCH", `${api}/incidents/${id}`, { owner: "ada" });
    expect(same).toMatchObject({ status: 200, body: { version: 2 } });
    const { items } = (await server.send("GET", `${api}/incidents/${id}/history`)).body as { items: IncidentChange[] };
    expect(items.map(({ kind, field, from, to, actor }) => ({ kind, field, from, to, actor }))).toEqual([
      {
        kind: "created",
        field: null,
        from: null,
        to: { title: "Slow", severity: "low", status: "open" },
        actor: "local",
      },
      { kind: "changed", field: "owner", from: null, to: "ada", actor: "local" },
      { kind: "changed", field: "tags", from: ["a"], to: ["a", "b"], actor: "local" },
      { kind: "changed", field: "status", from: "open", to: "investigating", actor: "local" },
    ]);
  });

  it("refuses a change that was made without seeing the last one", async () => {
    const made = await server.send("POST", `${api}/incidents`, { title: "Contended" });
    const path = `${api}/incidents/${(made.body as Incident).id}`;
    const etag = made.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"1-/);
    expect((await server.send("PATCH", path, { owner: "ada" }, { "if-match": etag })).status).toBe(200);
    const stale = await server.send("PATCH", path, { owner: "bob" }, { "if-match": etag });
    expect(stale).toMatchObject({ status: 412, body: { code: "precondition_failed", current_version: 2 } });
    expect((await server.send("PATCH", path, { owner: "bob" })).status).toBe(200);
    const read = await server.send("GET", path);
    expect(
      (await server.send("PATCH", path, { owner: "cyd" }, { "if-match": read.headers.get("etag") ?? "" })).status,
    ).toBe(200);
    expect((await server.send("PATCH", path, { owner: "dan" }, { "if-match": "*" })).status).toBe(200);
    const unchanged = await server.send("GET", path);
    const polled = await server.send("GET", path, undefined, { "if-none-match": unchanged.headers.get("etag") ?? "" });
    expect(polled.status).toBe(304);
  });

  it("lets one of many concurrent changes of the same version through", async () => {
    const made = await server.send("POST", `${api}/incidents`, { title: "Raced" });
    const headers = { "if-match": made.headers.get("etag") ?? "" };
    const path = `${api}/incidents/${(made.body as Incident).id}`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => server.send("PATCH", path, { owner: `person ${n}` }, headers)),
    );
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 412),
    ]);
  });

  it("reopens a closed incident, and resolves none that is closed", async () => {
    const { id } = await declare({ title: "Over" });
    const set = (status: string) => server.send("PATCH", `${api}/incidents/${id}`, { status });
    expect((await set("resolved")).body).toMatchObject({ closed_at: null, resolved_at: expect.any(String) });
    expect((await set("closed")).body).toMatchObject({
      closed_at: expect.any(String),
      resolved_at: expect.any(String),
    });
    const refused = await set("resolved");
    expect(refused.status).toBe(409);
    expect((refused.body as Problem).detail).toContain("reopen");
    expect((await set("open")).body).toMatchObject({ status: "open", closed_at: null, resolved_at: null });
  });

  it("gives the same answer to the same Idempotency-Key, also at once, and refuses another request with it", async () => {
    const headers = { "idempotency-key": "alert-77" };
    const body = { title: "Once", severity: "high" };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => server.send("POST", `${api}/incidents`, body, headers)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify([answer.status, answer.body]))).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    const reordered = await server.send("POST", `${api}/incidents`, { severity: "high", title: "Once" }, headers);
    expect(reordered.body).toEqual(answers[0]?.body);
    expect(await titles("q=once")).toEqual(["Once"]);
    const other = await server.send("POST", `${api}/incidents`, { title: "Twice", severity: "high" }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: "unprocessable", idempotency_key: "alert-77" } });
    expect((other.body as Problem).detail).toContain("alert-77");
    expect((await server.send("POST", `${api}/incidents`, body, { "idempotency-key": "with spaces" })).status).toBe(
      400,
    );
  });

  it("finds incidents by filters, words of title, description and evidence", async () => {
    const a = await declare({
      title: "Checkout is down",
      description: "customers can't pay",
      severity: "critical",
      affected_services: ["checkout", "payment-service"],
      tags: ["eu"],
      owner: "filter-ada",
    });
    await declare({ title: "Search is slow", severity: "low", tags: ["EU", "filter"], owner: "filter-bob" });
    await server.send("POST", `${api}/evidence/incident/${a.id}`, {
      evidence_type: "log",
      title: "Application logs",
      content: "java.lang.NullPointerException at com.acme.PayService.charge(PayService.java:17)",
      source: "datadog",
    });
    expect(await titles("tag=eu")).toEqual(["Search is slow", "Checkout is down"]);
    expect(await titles("tag=eu&severity=critical,high")).toEqual(["Checkout is down"]);
    expect(await titles("service=CHECKOUT")).toEqual(["Checkout is down"]);
    expect(await titles("owner=filter-bob&owner=filter-ada&sort=severity")).toEqual([
      "Checkout is down",
      "Search is slow",
    ]);
    expect(await titles("owner=filter-bob,filter-ada&sort=severity&order=asc")).toEqual([
      "Search is slow",
      "Checkout is down",
    ]);
    for (const words of [
      "nullpointer",
      "PointerException",
      "checkout+down",
      "payservice.charge",
      '"is+down"',

      "PAY",
    ])
      expect(await titles(`q=${words}&owner=filter-ada`), words).toEqual(["Checkout is down"]);
    for (const words of ["down+slow", '"down+is"', "checkouts"])
      expect(await titles(`q=${words}&owner=filter-ada`), words).toEqual([]);
    expect(await titles("since=2999-01-01T00:00:00Z")).toEqual([]);
    const bad = await server.send("GET", `${api}/incidents?q=%22--%22`);
    expect(bad.status).toBe(400);
  });

  it("pages without losing or repeating one while others are declared", async () => {
    for (let n = 0; n < 7; n++)
      await declare({ title: `Paged ${n}`, tags: ["paged"], severity: n % 2 === 0 ? "low" : "high" });
    for (const query of [
      "tag=paged",
      "tag=paged&sort=severity&order=asc",
      "tag=paged&q=paged",
      "tag=paged&q=paged&sort=created_at",
    ]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      let total: number | null = null;
      do {
        const answer = await server.send(
          "GET",
          `${api}/incidents?${query}&limit=3${cursor === null ? "" : `&cursor=${cursor}`}`,
        );
        const page = answer.body as IncidentList;
        expect(page.items.length).toBeGreaterThan(0);
        seen.push(...page.items.map((one) => one.title));
        if (cursor === null) total = page.total;
        cursor = page.next_cursor;
        await declare({ title: "Meanwhile" });
      } while (cursor !== null);
      expect(seen.toSorted(), query).toEqual(Array.from({ length: 7 }, (_, n) => `Paged ${n}`));
      expect(total).toBe(7);
    }
    expect((await server.send("GET", `${api}/incidents?cursor=nonsense`)).status).toBe(400);
  });

  it("adds evidence of any type, shows and lists it", async () => {
    const incident = await declare({ title: "With evidence" });
    const added = await server.send("POST", `${api}/evidence/incident/${incident.id}`, {
      evidence_type: "log",
      title: "Application logs",
      content: "Error logs from payment service...",
      source: "datadog",
    });
    expect(added).toMatchObject({
      status: 201,
      body: {
        incident_id: incident.id,
        evidence_type: "log",
        title: "Application logs",
        content: "Error logs from payment service...",
        source: "datadog",
        content_truncated: false,
      },
    });
    const custom = await server.send("POST", `${api}/evidence/incident/${incident.reference}/`, {
      evidence_type: "thermal image",
      content: "first line\nsecond",
      services: ["unheard-of"],
      starts_at: "2026-01-01T00:00:00Z",
      ends_at: "2026-01-01T01:00:00+00:00",
    });
    expect(custom).toMatchObject({
      status: 201,
      body: {
        evidence_type: "thermal image",
        title: "first line",
        services: ["unheard-of"],
        nodes: [],
        ends_at: "2026-01-01T01:00:00.000Z",
      },
    });
    const one = await server.send("GET", `${api}/evidence/${(added.body as Evidence).id}`);
    expect(one).toMatchObject({ status: 200, body: added.body });
    const listed = await server.send("GET", `${api}/evidence/incident/${incident.id}`);
    expect((listed.body as { items: Evidence[] }).items.map((item) => item.title)).toEqual([
      "Application logs",
      "first line",
    ]);
    const detail = (await server.send("GET", `${api}/incidents/${incident.id}`)).body as IncidentDetail;
    expect(detail.evidence_count).toBe(2);
    for (const [path, body, status] of [
      ["evidence/incident/inc_none", { evidence_type: "log" }, 404],
      [`evidence/incident/${incident.id}`, { title: "no type" }, 400],
      [`evidence/incident/${incident.id}`, { evidence_type: "log", source_url: "javascript:alert(1)" }, 400],
      [`evidence/incident/${incident.id}`, { evidence_type: "log", nodes: ["service:none"] }, 422],
      [
        `evidence/incident/${incident.id}`,
        { evidence_type: "log", starts_at: "2026-01-02T00:00:00Z", ends_at: "2026-01-01T00:00:00Z" },
        400,
      ],
    ] as const)
      expect((await server.send("POST", `${api}/${path}`, body)).status, JSON.stringify(body)).toBe(status);
    expect((await server.send("GET", `${api}/evidence/evd_none`)).status).toBe(404);
  });
});
