// Screenshots through the server's own doors, as the integration guide's client sends them.
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evidence } from "@opentrace/contract/incidents.ts";
import { ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";
import { forEachStore } from "../store/testing/for-each-store.ts";
import { hangSeconds, startTestServer, type TestServer } from "../testing/test-server.ts";
import { corpusImage } from "./testing/corpus.ts";

interface Answer {
  status: number;
  body: Evidence & { detail?: string; code?: string };
  headers: Headers;
}

async function upload(
  server: TestServer,
  incident: string,
  files: readonly [bytes: Uint8Array, name: string, type?: string][],
  fields: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [bytes, name, type = "image/png"] of files)
    form.append("file", new Blob([new Uint8Array(bytes)], { type }), name);
  const response = await fetch(`${server.address}/api/v1/evidence/incident/${incident}/upload-screenshot`, {
    method: "POST",
    body: form,
  });
  return { status: response.status, body: (await response.json()) as Answer["body"], headers: response.headers };
}

/** As the guide's client does: asks until there is content. */
async function poll(
  server: TestServer,
  id: string,
  until = (one: Evidence) => one.content !== null,
): Promise<Evidence> {
  for (const deadline = Date.now() + hangSeconds * 1000; Date.now() < deadline;) {
    const { body } = await server.send("GET", `/api/v1/evidence/${id}`);
    if (until(body)) return body;
    await sleep(100);
  }
  throw new Error("the screenshot was not read");
}

async function newIncident(server: TestServer): Promise<string> {
  const { body } = await server.send("POST", "/api/v1/incidents", { title: "High CPU alert" });
  return (body as { id: string }).id;
}

/** A PNG header that says width × height, and next to nothing behind it. */
function bomb(width: number, height: number): Buffer {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (bytes: Buffer): number => {
    let c = 0xffffffff;
    for (const byte of bytes) c = (crcTable[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = deflateSync(Buffer.alloc(Math.min(64 * 1024 * 1024, (width + 1) * height)), { level: 9 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

forEachStore("screenshots", (test) => {
  let server: TestServer;
  let incident = "";
  beforeAll(async () => {
    server = await startTestServer({}, test.config);
    incident = await newIncident(server);
  });
  afterAll(() => server.close());

  it("are taken as the guide's client sends them, and read", async () => {
    const sent = await upload(server, incident, [[corpusImage("debug-page-4.png"), "screenshot.png"]]);
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      evidence_type: "screenshot",
      incident_id: incident,
      content: null,
      reading: "pending",
      title: "screenshot.png",
      image: { media_type: "image/png", name: "screenshot.png" },
    });
    const read = await poll(server, sent.body.id);
    expect(read.reading).toBe("read");
    expect(read.content).toMatch(/^Text reading, confidence (1|\.\d\d)/);
    expect(read.content).toContain("java.lang.OutOfMemoryError: Java heap space");
    const analysis = ScreenshotAnalysis.parse(read.analysis);
    expect(analysis).toMatchObject({ method: "text", kind: "error_screen", model: null });
    expect(analysis.error_texts.join("\n")).toContain("java.lang.OutOfMemoryError: Java heap space");
    expect(analysis.stack_trace.length).toBeGreaterThan(2);
    expect(analysis.attempts).toMatchObject([{ provider: "offline", outcome: "read", reason: null }]);
    const found = await server.send("GET", "/api/v1/incidents?q=OutOfMemoryError");
    expect((found.body as { items: { id: string }[] }).items.map(({ id }) => id)).toContain(incident);
  });

  it("are read again when that is asked for", async () => {
    const { body } = await upload(server, incident, [[corpusImage("http-error-1.png"), "a.png"]], {
      source: "grafana",
    });
    expect(body.source).toBe("grafana");
    const first = await poll(server, body.id, ({ reading }) => reading === "read");
    const again = await server.send("POST", `/api/v1/evidence/${body.id}/analyze`);
    expect(again).toMatchObject({ status: 202, body: { reading: "pending", content: first.content } });
    const second = await poll(server, body.id, ({ reading }) => reading === "read");
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.content).toBe(first.content);
  });
});

describe("an uploaded screenshot", () => {
  let server: TestServer;
  let incident = "";
  beforeAll(async () => {
    server = await startTestServer();
    incident = await newIncident(server);
  });
  afterAll(() => server.close());

  it("is kept without the metadata of the original, once, and given out as an attachment that is nothing but an image", async () => {
    const original = await sharp(corpusImage("alert-3.png"))
      .withExif({ IFD0: { Artist: "canary-artist", Copyright: "canary-copyright" } })
      .jpeg()
      .toBuffer();
    expect(original.includes("canary-artist")).toBe(true);
    const one = await upload(server, incident, [[original, "../../etc/x\u202e.jpg", "image/jpeg"]]);
    const two = await upload(server, incident, [[original, "same.jpg", "image/jpeg"]]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.image?.name).toBe("x.jpg");
    const image = await fetch(`${server.address}${one.body.image?.url ?? ""}`);
    const bytes = Buffer.from(await image.arrayBuffer());
    expect(image.headers.get("content-type")).toBe("image/jpeg");
    expect(image.headers.get("x-content-type-options")).toBe("nosniff");
    expect(image.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w-]+\.jpeg"$/);
    expect(image.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(bytes.includes("canary")).toBe(false);
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", width: one.body.image?.width });
    const unchanged = await fetch(`${server.address}${one.body.image?.url ?? ""}`, {
      headers: { "if-none-match": image.headers.get("etag") ?? "" },
    });
    expect(unchanged.status).toBe(304);
    const other = await fetch(`${server.address}${two.body.image?.url ?? ""}`);
    expect(other.headers.get("etag")).toBe(image.headers.get("etag"));
    const small = await fetch(`${server.address}/api/v1/evidence/${one.body.id}/thumbnail`);
    const { width, format } = await sharp(Buffer.from(await small.arrayBuffer())).metadata();
    expect({ width, format }).toEqual({ width: 640, format: "webp" });
    const { n } = await server.application.store.app
      .selectFrom("blobs")
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    expect(n).toBe(1);
  });

  const svg = Buffer.from(
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  );
  const png = corpusImage("http-error-1.png");
  it.each<[string, [Uint8Array, string][], number, RegExp]>([
    ["an empty file", [[Buffer.alloc(0), "a.png"]], 400, /empty/],
    ["an SVG", [[svg, "a.png"]], 422, /SVG/],
    ["a PDF with the name of a PNG", [[Buffer.from("%PDF-1.7\n%âãÏÓ\n1 0 obj"), "a.png"]], 422, /PDF/],
    ["a GIF", [[Buffer.from("GIF89a\u0001\0\u0001\0\0\0\0;"), "a.gif"]], 422, /GIF/],
    ["text", [[Buffer.from("not an image at all"), "a.png"]], 422, /no image/],
    ["a truncated file", [[png.subarray(0, png.length >> 1), "a.png"]], 422, /damaged|ends before/],
    ["a bomb of 16,000 × 16,000 pixels", [[bomb(16_000, 16_000), "a.png"]], 413, /16000 × 16000/],
    ["a header that promises more than there is", [[bomb(4_000, 6_000).subarray(0, 200), "a.png"]], 422, /damaged/],
    [
      "two files",
      [
        [png, "a.png"],
        [png, "b.png"],
      ],
      400,
      /more than one file/,
    ],
    ["no file", [], 400, /no file/],
  ])("is refused when it is %s, in words that say why", async (_what, files, status, why) => {
    const answer = await upload(server, incident, files, { title: "A title" });
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body.detail).toMatch(why);
    expect((await server.send("GET", "/healthz")).status).toBe(200);
  });

  it("of 500 MB is refused without being read into memory", async () => {
    const before = process.memoryUsage().rss;
    const piece = new Uint8Array(1024 * 1024);
    let sent = 0;
    const head = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n`;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent === 0) controller.enqueue(new TextEncoder().encode(head));
        if (++sent > 500) controller.close();
        else controller.enqueue(piece);
      },
    });
    const response = await fetch(`${server.address}/api/v1/evidence/incident/${incident}/upload-screenshot`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=b" },
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "too_large", detail: expect.stringContaining("20 MB") });
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  it("is refused for an incident that does not exist, with a field that does not, and without a form", async () => {
    expect(await upload(server, "inc_none", [[png, "a.png"]])).toMatchObject({ status: 404 });
    const strange = await upload(server, incident, [[png, "a.png"]], { titel: "x" });
    expect(strange.status).toBe(400);
    expect(strange.body.detail).toContain('"titel"');
    const json = await server.send("POST", `/api/v1/evidence/incident/${incident}/upload-screenshot`, { file: "x" });
    expect(json.status).toBe(400);
    expect((json.body as { detail: string }).detail).toContain("multipart/form-data");
  });
});
