// What works on every screen: asking, the palette, shortcuts, theme, settings, and signing in where the server asks for a key.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository } from "./testing/rest.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

describe.skipIf(!hasBrowser())("everywhere", () => {
  let browser: Browser;
  let product: Product;
  let shop: TestRepository;
  beforeAll(async () => {
    shop = createShop();
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
    await addRepository(product.url, shop.path);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  test("a question gets an answer with its nodes and the query that was run, at an address of its own", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByLabel("Question").fill("What calls charge?");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/ask\?q=/);
    await page
      .getByRole("region", { name: "Nodes it rests on" })
      .getByRole("link", { name: /checkout/ })
      .waitFor();
    await page.getByText("/api/v1/graph/").first().waitFor();
    await page.reload();
    await page.getByRole("region", { name: "Nodes it rests on" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a question that is not understood says so and gives some that are", async () => {
    await using at = await visit(browser, `${product.url}/ask?q=lorem+ipsum+dolor`);
    const { page } = at;
    await page.getByText("Not understood").waitFor();
    expect(
      await page.getByRole("region", { name: "Questions it understands" }).getByRole("link").count(),
    ).toBeGreaterThan(2);
  });

  test("the palette finds nodes and runs commands, and remembers what was looked at", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("handlePurchase");
    await page.getByRole("group", { name: "Nodes" }).getByText("handlePurchase").first().waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 2, name: "handlePurchase" }).waitFor();
    await page.getByText("Who says so").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("group", { name: "Recent" }).getByText("handlePurchase").waitFor();
    await page.keyboard.type("dark theme");
    await page.getByRole("option", { name: "Dark theme", exact: true }).click();
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.reload();
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("dark");
    expect(at.errors).toEqual([]);
  });

  test("the palette's keys open it even when they come before the app has loaded", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    let load = (): void => undefined;
    const held = new Promise<void>((resolve) => (load = resolve));
    await page.route("**/assets/*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(product.url, { waitUntil: "commit" });
    await page.locator("#root").waitFor({ state: "attached" });
    await page.keyboard.press("Control+k");
    await expect.poll(() => page.locator("h1").count()).toBe(0);
    load();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("the theme follows the system until one is chosen", async () => {
    await using at = await visit(browser, product.url, { colorScheme: "dark" });
    const { page } = at;
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("light");
  });

  test("a key is shown once, opens a server that asks for one, and opens nothing once revoked", async () => {
    await using at = await visit(browser, `${product.url}/settings`);
    const { page } = at;
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("laptop");
    await dialog.getByLabel("Everything, API keys too").check();
    await dialog.getByRole("button", { name: "Make key" }).click();
    const key = await dialog.getByTestId("new-key").innerText();
    expect(key).toMatch(/^otk_[\w-]{43}$/);
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByText("laptop").waitFor();
    await expect.poll(() => page.locator("body").innerText()).not.toContain(key);

    await product.restart({ ENABLE_AUTH: "true" });
    await page.goto(product.url);
    await page.getByRole("heading", { name: "Sign in to OpenTrace" }).waitFor();
    await page.getByRole("button", { name: "Use an API key" }).click();
    await page.getByLabel("API key").fill("otk_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.getByRole("link", { name: /shop/ }).first().waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.goto(`${product.url}/settings`);
    await page.getByRole("button", { name: "Revoke" }).click();
    await page
      .getByRole("dialog")
      .getByLabel(/to confirm/)
      .fill("laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("heading", { name: "Sign in to OpenTrace" }).waitFor();
  });
});
