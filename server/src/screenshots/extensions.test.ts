// What can be added to the reading of pictures, each with a small one of its kind that really works.
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evidence } from "@opentrace/contract/incidents.ts";
import type { ReadingComparison, ScreenshotAnalysis } from "@opentrace/contract/screenshots.ts";
import { localActor } from "../access/actors.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { VerbContext } from "../verb.ts";
import { compareReadings, verdictOf } from "./compare-readings.ts";
import type { ChartReader, DashboardCapturer, Verifier } from "./extensions.ts";
import { createImages, type Images } from "./images.ts";
import { readScreenshot } from "./read-screenshot.ts";
import { understand } from "./reading/understand.ts";
import { createScreenshots } from "./screenshots.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const context = (): VerbContext => ({
  actor: localActor,
  workspace: "default",
  signal: new AbortController().signal,
  log,
  now: () => new Date(),
});

/** A chart of 100 × 100 pixels: a red line through the values, 0 at its bottom, 100 at its top. */
async function chartOf(values: readonly number[]): Promise<Buffer> {
  const points = values.map((value, at) => `${(at * 99) / (values.length - 1)},${99 - (value * 99) / 100}`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="100" height="100" fill="#fff"/><polyline points="${points.join(" ")}" fill="none" stroke="#f00" stroke-width="2"/></svg>`;
  return await sharp(Buffer.from(svg)).png().toBuffer();
}

/** Follows the red line: the mean height of its pixels in each column. */
const redLine: ChartReader = {
  name: "red line",
  async read({ image, analysis }) {
    const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const points = Array.from({ length: info.width }, (_, x) => {
      const rows = Array.from({ length: info.height }, (__, y) => y).filter((y) => {
        const at = (y * info.width + x) * 3;
        return (data[at] ?? 0) > 200 && (data[at + 1] ?? 255) < 100;
      });
      return { at: x / (info.width - 1), value: 100 - rows.reduce((sum, y) => sum + y, 0) / Math.max(1, rows.length) };
    });
    return [{ panel: analysis.panels[0]?.title ?? null, series: null, unit: "%", points, confidence: 0.9 }];
  },
};

const dashboard = () => {
  const word = (text: string, x: number, y: number, height: number) => ({ text, x, y, width: text.length * 0.6 * height, height, confidence: 0.95, piece: y * 1000 + x }); // prettier-ignore
  const words = ["CPU", "Disk", "Heap"].flatMap((name, at) => [
    word(name, at * 300, 40, 12),
    word("42%", at * 300, 70, 30),
  ]);
  return understand({ width: 1000, height: 400, areas: [], words: [word("Last", 800, 5, 12), word("6", 835, 5, 12), word("hours", 848, 5, 12), ...words] }); // prettier-ignore
};

describe("a reader of charts", () => {
  const reading = async (chartReaders: ChartReader[]) =>
    await readScreenshot(
      {
        textReader: { read: async () => dashboard(), close: async () => undefined },
        graphNodes: { services: async () => new Map() },
        askModels: null,
        chartReaders,
      },
      context(),
      { image: await chartOf([10, 90, 50]), mediaType: "image/png" },
    );

  it("adds its curves to the analysis", async () => {
    const { analysis } = await reading([redLine]);
    const [curve] = analysis.curves;
    expect(curve).toMatchObject({ panel: "CPU", unit: "%" });
    const near = (at: number): number => curve?.points[Math.round(at * 99)]?.value ?? NaN;
    expect(near(0.02)).toBeCloseTo(13, -1);
    expect(near(0.5)).toBeCloseTo(90, -1);
    expect(near(0.98)).toBeCloseTo(52, -1);
    expect(analysis.attempts.map(({ provider, outcome }) => `${provider} ${outcome}`)).toEqual(["red line read", "offline read"]); // prettier-ignore
  });

  it("that fails is told of and takes nothing from the rest", async () => {
    const broken: ChartReader = { name: "broken", read: () => Promise.reject(new Error("no axis")) };
    const { analysis } = await reading([broken, redLine]);
    expect(analysis.attempts.map(({ provider, outcome }) => `${provider} ${outcome}`)).toEqual(["broken failed", "red line read", "offline read"]); // prettier-ignore
    expect(analysis.curves).toHaveLength(1);
    expect(analysis.values).toHaveLength(3);
  });
});

const analysisOf = (more: Partial<ScreenshotAnalysis>): ScreenshotAnalysis => ({
  method: "text", kind: "dashboard", title: null, summary: null, panels: [], values: [], curves: [], time_range: null, anomalies: [],
  error_texts: [], status_codes: [], stack_trace: [], services: [], confidence: 0.9, model: null, attempts: [], ...more,
}); // prettier-ignore
const value = (label: string, number: number, unit = "%") => ({
  label,
  value: number,
  unit,
  text: `${number} ${unit}`,
});

describe("a picture before and one after", () => {
  it("have figures in common, and failures that went and came whatever their times and numbers are", () => {
    const before = analysisOf({
      values: [value("Error rate", 12), value("CPU", 40), value("twice", 1), value("twice", 2)],
      error_texts: ["10:00:01 connection refused by 10.0.0.7", "disk full"],
    });
    const after = analysisOf({
      values: [value("Error rate", 0.3), value("CPU", 3, "cores"), value("twice", 3)],
      error_texts: ["11:30:09 connection refused by 10.0.0.9"],
    });
    const compared = compareReadings(before, after);
    expect(compared).toEqual({
      figures: [{ label: "Error rate", unit: "%", before: 12, after: 0.3 }],
      errors_gone: ["disk full"],
      errors_new: [],
    });
    expect(verdictOf(compared).is).toBe("better");
    expect(verdictOf(compareReadings(after, before)).is).toBe("worse");
    expect(verdictOf(compareReadings(before, before)).is).toBe("unknown");
  });
});

describe("what is plugged in", () => {
  let server: TestServer;
  let images: Images;
  let incident = "";
  const addresses: string[] = [];
  const capturer: DashboardCapturer = {
    name: "drawn",
    takes: ({ host }) => host === "grafana.example.com",
    async capture({ url }) {
      addresses.push(url.href);
      return { image: await chartOf([10, 90]), title: "CPU of checkout" };
    },
  };
  const verifier: Verifier = {
    name: "same size",
    async judge({ before, after }) {
      return { is: before.image.length === after.image.length ? "same" : "unknown", reason: "By their sizes." };
    },
  };
  const open = (capturers: DashboardCapturer[]) => {
    const { store, queue, incidents } = server.application;
    return createScreenshots({ store, queue, evidence: incidents.parts.evidence, images, capturers, verifiers: [verifier], wake: server.application.runner.wake }); // prettier-ignore
  };
  beforeAll(async () => {
    server = await startTestServer();
    images = createImages();
    incident = ((await server.send("POST", "/api/v1/incidents", { title: "High CPU" })).body as { id: string }).id;
  });
  afterAll(async () => {
    await images.close();
    await server.close();
  });
  const readOf = async (id: string): Promise<Evidence> => {
    for (;;) {
      const one = (await server.send("GET", `/api/v1/evidence/${id}`)).body as Evidence;
      if (one.reading === "read") return one;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it("takes pictures of dashboards as evidence, and refuses what nothing here can draw", async () => {
    const wanted = { url: "https://grafana.example.com/d/abc", from: null, to: new Date("2026-11-21T10:00:00Z") };
    const taken = await open([capturer]).capture(context(), incident, wanted);
    expect(taken).toMatchObject({
      title: "CPU of checkout",
      source: "drawn",
      source_url: wanted.url,
      reading: "pending",
    });
    expect(addresses).toEqual([wanted.url]);
    await readOf(taken.id);
    await expect(open([capturer]).capture(context(), incident, { ...wanted, url: "https://other.example.com/" })).rejects.toMatchObject({ code: "unprocessable" }); // prettier-ignore
  });

  it("compares two screenshots by their readings, and adds what verifiers say", async () => {
    const wanted = { url: "https://grafana.example.com/d/abc", from: null, to: null };
    const [before, after] = [await open([capturer]).capture(context(), incident, wanted), await open([capturer]).capture(context(), incident, wanted)]; // prettier-ignore
    await Promise.all([readOf(before.id), readOf(after.id)]);
    const { verdicts } = await open([]).compare(context(), before.id, after.id);
    expect(verdicts.map(({ by, is }) => `${by}: ${is}`)).toEqual(["readings: unknown", "same size: same"]);
    const path = `/api/v1/evidence/${before.id}/compare?after=${after.id}`;
    const door = await server.send("GET", path);
    expect(door.status).toBe(200);
    expect((door.body as ReadingComparison).verdicts.map(({ by }) => by)).toEqual(["readings"]);
    const note = await server.send("POST", `/api/v1/evidence/incident/${incident}`, {
      evidence_type: "note",
      content: "x",
    });
    const other = (note.body as { id: string }).id;
    expect((await server.send("GET", `/api/v1/evidence/${other}/compare?after=${after.id}`)).status).toBe(404);
  });
});
