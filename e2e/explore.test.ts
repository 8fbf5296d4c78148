// From nothing to an answer: add a repository in the browser, watch it being indexed, explore its graph.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { settled, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

describe.skipIf(!hasBrowser())("exploring", () => {
  let browser: Browser;
  let product: Product;
  let shop: TestRepository;
  beforeAll(async () => {
    shop = createShop();
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  test("a path typed into the first screen is indexed while one watches, and its graph opens", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByLabel("Repository", { exact: true }).fill(shop.path);
    await page.getByRole("button", { name: "Index this repository" }).click();
    await page.waitForURL(/\/add\?repository=/);
    await page.getByText("Indexed.").waitFor();
    await expect.poll(() => page.getByRole("region", { name: "Ask it something" }).getByRole("link").count()).toBe(4);
    await page.getByRole("link", { name: "Explore the graph" }).click();
    await page.getByRole("heading", { level: 2, name: "shop" }).waitFor();
    await page.locator("[data-testid=canvas][data-settled]").waitFor();
    expect(at.errors).toEqual([]);
  });

  /** Searches by keyboard and opens the first result. */
  async function open(page: Page, name: string): Promise<void> {
    await page.getByRole("combobox", { name: "Search the graph" }).fill(name);
    await page.getByRole("option").first().waitFor();
    await page
      .getByRole("option")
      .filter({ hasText: new RegExp(`^${name}`) })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 2, name, exact: true }).waitFor();
  }

  test("a searched node's neighbourhood grows, and every edge leads to the line it was seen in", async () => {
    await using at = await visit(browser, `${product.url}/explore`);
    const { page } = at;
    await open(page, "checkout");
    await page.locator("[data-testid=canvas][data-settled]").waitFor();
    const before = await shownNodes(page);
    expect(before).toBeGreaterThan(2);
    const panel = page.getByRole("complementary", { name: "Node" });
    await panel.getByRole("button", { name: /^calls\s*Function charge/ }).click();
    const edge = page.getByRole("complementary", { name: "Edge" });
    await edge.getByRole("heading", { name: "calls" }).waitFor();
    await edge.getByText("by shop").first().waitFor();
    await edge.getByRole("button", { name: "Function charge" }).click();
    await page.getByRole("complementary", { name: "Node" }).getByRole("button", { name: "Open neighbours" }).click();
    await expect.poll(() => shownNodes(page)).toBeGreaterThan(before);
    await page.goBack();
    await expect.poll(() => shownNodes(page)).toBe(before);
    await page.goForward();
    await expect.poll(() => shownNodes(page)).toBeGreaterThan(before);

    await panel.getByRole("button", { name: /^called by\s*Function checkout/ }).click();
    await edge.getByRole("link", { name: "src/cart.ts:13" }).click();
    await page.waitForURL(/\/source\?/);
    await page.locator("[data-line='13'][data-marked]").waitFor();
    await expect.poll(() => page.locator("[data-line='13']").innerText()).toContain("return charge(cents);");
    await expect
      .poll(() => page.getByRole("navigation", { name: "Outline" }).getByRole("link").allInnerTexts())
      .toEqual(expect.arrayContaining([expect.stringContaining("Cart"), expect.stringContaining("checkout")]));
    expect(at.errors).toEqual([]);
  });

  test("the canvas answers the mouse: a click selects, a double click opens, nothing moves the rest of the page", async () => {
    await using at = await visit(browser, `${product.url}/explore`);
    const { page } = at;
    await open(page, "charge");
    await page.locator("[data-testid=canvas][data-settled]").waitFor();
    const before = await shownNodes(page);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Fit to screen" }).click();
    const places = await pointable(page);
    expect(places.length).toBeGreaterThan(0);
    const seen = new Set<string>();
    for (const place of places.slice(0, 40)) {
      await page.mouse.click(place.x, place.y);
      // A line is thin: a click beside it selects nothing, and the next place is tried.
      const panel = page.getByRole("complementary");
      await panel.waitFor({ timeout: 10_000 }).catch(() => undefined);
      if ((await panel.count()) === 0) continue;
      seen.add((await panel.getAttribute("aria-label")) ?? "");
      if (seen.has("Node") && seen.has("Edge")) break;
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });
    }
    expect([...seen].sort()).toEqual(["Edge", "Node"]);
    expect(await shownNodes(page)).toBe(before);
    expect(at.errors).toEqual([]);
  });

  test("a hub shows a few of its neighbours and says how many more there are", async () => {
    await using at = await visit(browser, `${product.url}/explore`);
    const { page } = at;
    await open(page, "log");
    await settled(page, 13);
    await page.getByRole("button", { name: /^24 more of \d+/ }).click();
    await settled(page, 37);
    await page.getByRole("button", { name: /more of/ }).click();
    await expect.poll(() => shownNodes(page)).toBeGreaterThan(40);
    expect(at.errors).toEqual([]);
  });

  test("hide, pin, filter, undo and redo change the canvas and the address; a reload brings the same picture", async () => {
    await using at = await visit(browser, `${product.url}/explore`);
    const { page } = at;
    await open(page, "checkout");
    await page.locator("[data-testid=canvas][data-settled]").waitFor();
    const whole = await shownNodes(page);
    const panel = page.getByRole("complementary", { name: "Node" });
    await panel.getByRole("button", { name: /^calls\s*Function charge/ }).click();
    await page.getByRole("button", { name: "Function charge" }).click();
    await panel.getByRole("button", { name: "Hide" }).click();
    await expect.poll(() => shownNodes(page)).toBe(whole - 1);
    await page.getByRole("button", { name: "Show 1 hidden node" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => shownNodes(page)).toBe(whole);
    await page.getByRole("button", { name: "Redo" }).click();
    await expect.poll(() => shownNodes(page)).toBe(whole - 1);
    await page.getByRole("checkbox", { name: /^calls/ }).uncheck();
    await expect.poll(() => shownNodes(page)).toBeLessThan(whole - 1);
    const filtered = await shownNodes(page);
    await expect.poll(() => page.url()).toMatch(/edges=/);
    await page.reload();
    await expect.poll(() => shownNodes(page)).toBe(filtered);
    expect(at.errors).toEqual([]);
  });

  test("the table lists exactly what the canvas shows, sorted as asked", async () => {
    await using at = await visit(browser, `${product.url}/explore`);
    const { page } = at;
    await open(page, "checkout");
    await page.locator("[data-testid=canvas][data-settled]").waitFor();
    const nodes = await shownNodes(page);
    await page.locator("body").press("t");
    const table = page.getByRole("table", { name: "Nodes that are shown" });
    await table.waitFor();
    await expect.poll(async () => Number(await table.getAttribute("aria-rowcount"))).toBe(nodes + 1);
    await table.getByRole("button", { name: "Name" }).click();
    const names = async (): Promise<string[]> => {
      const cells = await table.getByRole("row").locator("[role=cell]:first-child").allInnerTexts();
      return cells.map((name) => name.replace(/\s*open$/, "").trim());
    };
    await expect
      .poll(async () => {
        const shown = await names();
        return shown.join() === shown.toSorted((a, b) => a.localeCompare(b)).join();
      })
      .toBe(true);
    expect(await names()).toEqual(expect.arrayContaining(["checkout", "charge", "handlePurchase"]));
    await table.focus();
    await page.keyboard.press("Home");
    await page.getByRole("complementary", { name: "Node" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("the path finder shows how two nodes connect, with evidence, and draws it", async () => {
    await using at = await visit(browser, `${product.url}/explore?view=path`);
    const { page } = at;
    await pick(page, "From", "handlePurchase");
    await pick(page, "To", "charge");
    const first = page.getByRole("listitem").filter({ hasText: "checkout" }).first();
    await first.waitFor();
    await page.getByRole("heading", { name: "Shortest path" }).waitFor();
    await page.getByRole("link", { name: "src/http.ts:4" }).first().waitFor();
    const address = page.url();
    await page.reload();
    await page.getByRole("heading", { name: "Shortest path" }).waitFor();
    await expect.poll(() => page.url()).toBe(address);
    await page.getByRole("button", { name: "Show in graph" }).first().click();
    await settled(page, 3);
    expect(at.errors).toEqual([]);
  });

  test("the impact of a change is listed by hop, with the reason and the risk, and can be saved", async () => {
    await using at = await visit(browser, `${product.url}/explore?view=impact`);
    const { page } = at;
    await pick(page, "If this changes", "charge");
    const table = page.getByRole("table", { name: "Affected nodes" });
    const row = (name: string) => table.getByRole("row", { name: new RegExp(`\\b${name} `) });
    await row("checkout").first().waitFor();
    await expect.poll(() => row("handlePurchase").first().innerText()).toMatch(/^2/);
    await page.getByRole("button", { name: /^Hop 2/ }).click();
    await table.getByRole("row", { name: /^1 / }).waitFor({ state: "detached" });
    await row("handlePurchase").first().click();
    const why = page.getByRole("complementary", { name: "Why it is affected" });
    await why.getByText("checkout").first().waitFor();
    await why.getByRole("link", { name: "src/http.ts:4" }).waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "CSV" }).click(),
    ]);
    const lines = readFileSync(await file.path(), "utf8").split("\r\n");
    expect(lines[0]).toBe("hop,type,name,path,key,edge,confidence,evidence,via");
    expect(lines.some((line) => line.startsWith("1,Function,checkout,src/cart.ts,"))).toBe(true);
    expect(at.errors).toEqual([]);
  });

  async function pick(page: Page, label: string, name: string): Promise<void> {
    await page.getByRole("combobox", { name: label }).fill(name);
    await page
      .getByRole("option")
      .filter({ hasText: new RegExp(`^${name}`) })
      .first()
      .click();
    await expect.poll(() => page.getByRole("combobox", { name: label }).inputValue()).toBe(name);
  }

  const shownNodes = async (page: Page): Promise<number> =>
    Number(
      /(\d+) nodes?,/.exec(await page.getByRole("region", { name: "Graph" }).getByRole("status").innerText())?.[1] ?? 0,
    );

  /** Points on the canvas where the pointer becomes a hand: over a node or an edge. */
  async function pointable(page: Page): Promise<{ x: number; y: number }[]> {
    const canvas = page.getByTestId("canvas");
    const box = await canvas.boundingBox();
    if (!box) throw new Error("There is no canvas.");
    const found: { x: number; y: number }[] = [];
    // Outward from the middle of what the filters leave free: the node itself, then the lines that leave it, then its neighbours.
    const middle = { x: box.x + 224 + (box.width - 224) / 2, y: box.y + (box.height - 48) / 2 };
    for (let step = 0; step < 700 && found.length < 25; step += 1) {
      const radius = 5 * Math.sqrt(step);
      const point = { x: middle.x + radius * Math.cos(step * 2.4), y: middle.y + radius * Math.sin(step * 2.4) };
      await page.mouse.move(point.x, point.y);
      const isHand = (await canvas.evaluate((element) => element.style.cursor)) === "pointer";
      if (isHand && found.every((other) => Math.hypot(other.x - point.x, other.y - point.y) > 12)) found.push(point);
    }
    return found;
  }
});
