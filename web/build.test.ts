// What the browser has to load first, measured on a real build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const budget = 250 * 1024;
const out = mkdtempSync(join(tmpdir(), "opentrace-web-"));
let html = "";

beforeAll(() => {
  // As scripts/setup.mjs does it, in a process of its own: inside vitest NODE_ENV is "test", which builds React for development.
  const vite = join(import.meta.dirname, "..", "node_modules", "vite", "bin", "vite.js");
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, [vite, "build", import.meta.dirname, "--outDir", out, "--logLevel", "error"], { env });
  html = readFileSync(join(out, "index.html"), "utf8");
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

const zipped = (path: string): number => gzipSync(readFileSync(join(out, path)), { level: 9 }).length;

/** Scripts, preloaded modules and styles that the page names. */
const firstLoad = (): string[] =>
  [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? "");

test("the first load, React included, is at most 250 KB gzipped", () => {
  const files = firstLoad();
  expect(files.filter((file) => file.endsWith(".js")).length).toBeGreaterThan(2);
  expect(files.some((file) => file.endsWith(".css"))).toBe(true);
  const bytes = files.reduce((sum, file) => sum + zipped(file), zipped("index.html"));
  expect(bytes).toBeGreaterThan(50 * 1024);
  expect(bytes).toBeLessThanOrEqual(budget);
});

test("the canvas and the layout are loaded only when a graph is shown", () => {
  const all = readdirSync(join(out, "assets"));
  const lazy = all.filter((file) => /^(canvas|layout\.worker|explore-page|palette)-/.test(file));
  expect(lazy).toHaveLength(4);
  for (const file of lazy) expect(firstLoad()).not.toContain(`assets/${file}`);
});

test("the page has no inline script or style, so that a strict content security policy holds", () => {
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style/);
});
