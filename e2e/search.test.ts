// Searching in source text: every match leads to its line; filters, expressions, pages and stopping are in the address or one key away.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository } from "./testing/rest.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

describe.skipIf(!hasBrowser())("code search", () => {
  let browser: Browser;
  let product: Product;
  let shop: TestRepository;
  beforeAll(async () => {
    shop = createShop();
    shop.commit({ "docs/many.md": Array.from({ length: 250 }, (_, n) => `needle ${n}`).join("\n") }, "Say it often");
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    await addRepository(product.url, shop.path);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  test("a text is found with file, line and symbol, and opens in the source view at that line, by keyboard alone", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.locator("#source-search:focus").waitFor();
    await page.keyboard.type("return charge(");
    await page.keyboard.press("Enter");
    const matches = page.getByRole("region", { name: "Matches" });
    await matches.getByText("1 match in 1 file").waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("return charge(");
    await matches.getByRole("link", { name: "Function checkout" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/source\?.*lines=13/);
    await page.locator("[data-line='13'][data-marked]").waitFor();
    await page.goBack();
    await matches.getByText("1 match in 1 file").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("expressions, case, folder and language narrow the search and stand in the address", async () => {
    await using at = await visit(browser, `${product.url}/search?q=REPORT`);
    const { page } = at;
    const matches = page.getByRole("region", { name: "Matches" });
    await matches.getByRole("link", { name: "tools/stock.py", exact: true }).waitFor();
    await page.getByLabel("Below").fill("tools");
    await page.keyboard.press("Enter");
    await matches.getByText("1 match in 1 file").waitFor();
    await page.getByRole("button", { name: "Mind upper and lower case" }).click();
    await page.getByText("No line has “REPORT” in it").waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe("?q=REPORT&case=yes&path=tools");
    await page.getByRole("button", { name: "Search without minding case" }).click();
    await matches.getByText("1 match in 1 file").waitFor();

    await page.goto(`${product.url}/search?q=${encodeURIComponent("def \\w+\\(items\\)")}`);
    await page.getByRole("button", { name: "Search for it as a regular expression" }).click();
    await matches.getByText("def count_stock(items)", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Regular expression", pressed: true }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("an expression that is none is refused in words", async () => {
    await using at = await visit(browser, `${product.url}/search?q=${encodeURIComponent("(?=x)")}&regex=yes`);
    await at.page.getByRole("alert").filter({ hasText: "no look-around" }).waitFor();
    await expect.poll(() => at.page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("many matches come in parts, and the page says when these are not all", async () => {
    await using at = await visit(browser, `${product.url}/search?q=needle`);
    const { page } = at;
    const matches = page.getByRole("region", { name: "Matches" });
    await matches.getByText("The first 100 matches").waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await matches.getByText("The first 200 matches").waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    await matches.getByText("250 matches in 1 file").waitFor();
    await expect.poll(() => matches.locator("[data-match]").count()).toBe(250);
    expect(at.errors).toEqual([]);
  });

  test("a search that takes long is stopped by Escape", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    let aborted = 0;
    page.on("requestfailed", (request) => (aborted += request.url().includes("/search/source") ? 1 : 0));
    let asked = 0;
    await page.route("**/api/v1/graph/search/source?**", async (route) => {
      asked += 1;
      if (asked > 1) await route.continue();
    });
    await page.goto(`${product.url}/search?q=charge`);
    await page.getByText("Searching…").waitFor();
    await page.locator("body").press("Escape");
    await page.getByText("Stopped").waitFor();
    await expect.poll(() => aborted).toBe(1);
    await page.getByRole("button", { name: "Start again" }).click();
    await page
      .getByRole("region", { name: "Matches" })
      .getByText(/^\d+ matches in/)
      .waitFor();
    expect(at.errors).toEqual([]);
  });

  test("the palette takes what was typed to the code search", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("receipt");
    await page.getByRole("option", { name: "Search code for “receipt”" }).click();
    await page.waitForURL(/\/search\?q=receipt/);
    await page.getByRole("link", { name: "src/pay/charge.ts", exact: true }).waitFor();
    expect(at.errors).toEqual([]);
  });
});
