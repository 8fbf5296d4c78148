// Model providers in the browser: added with a key that nobody sees again, tested, changed, switched off, removed; and what is sent where.
import { type FakeModels, startFakeModels } from "@opentrace/server/src/models/testing/fake-models.ts";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";

describe.skipIf(!hasBrowser())("model providers", () => {
  let browser: Browser;
  let product: Product;
  let fake: FakeModels;
  const axe: Record<string, string[]> = {};
  beforeAll(async () => {
    [browser, product, fake] = await Promise.all([
      launchBrowser(),
      startProduct({ OPENTRACE_PRIVATE_HOSTS: "127.0.0.1" }),
      startFakeModels(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await fake?.close();
  });

  test("a provider is added with a key that is not shown again, and the page says what is sent to it", async () => {
    await using at = await visit(browser, `${product.url}/settings`);
    const { page } = at;
    await page.getByRole("button", { name: "Models" }).click();
    await page.getByText("No provider yet").waitFor();
    const sent = page.getByRole("list", { name: "What is sent where" }).getByRole("listitem");
    await expect.poll(() => sent.allInnerTexts()).toEqual(Array(3).fill(expect.stringContaining("To nobody.")));
    axe["no provider"] = await axeViolations(page);
    await page.getByRole("button", { name: "Add provider" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("It needs a name.").waitFor();
    await dialog.getByText("Name at least one model.").waitFor();
    axe["a form with what is missing"] = await axeViolations(page);
    await dialog.getByLabel("Name").fill("House");
    await dialog.getByLabel("Address").fill(fake.url);
    await dialog.getByLabel("Key").fill(fake.key);
    await dialog.getByLabel("For screenshots").fill("eyes-1");
    await dialog.getByLabel("For texts").fill("words-1");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const house = page.getByRole("list", { name: "Model providers" }).getByRole("listitem", { name: "House" });
    await house.getByText("key stored sealed").waitFor();
    await expect
      .poll(() => sent.allInnerTexts())
      .toEqual([
        expect.stringMatching(/^Screenshots\s+To House, http:.*\(eyes-1\)[^]*The picture/),
        expect.stringMatching(/^Texts\s+To House, http:.*\(words-1\)/),
        expect.stringContaining("To nobody."),
      ]);
    expect(await page.content()).not.toContain(fake.key);
    expect(at.errors).toEqual([]);
  });

  test("a test asks each of its models, and says of one that fails why", async () => {
    await using at = await visit(browser, `${product.url}/settings?tab=models`, { colorScheme: "dark" });
    const { page } = at;
    fake.answer = '{"ok": true, "text": "hello"}';
    await page.getByRole("button", { name: "Test House" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("It answers.").waitFor();
    await expect.poll(() => dialog.getByRole("list", { name: "Tries" }).getByText("answered").count()).toBe(2);
    axe["test, dark"] = await axeViolations(page);
    fake.failures.push({ is: "status", status: 403 });
    await dialog.getByRole("button", { name: "Test again" }).click();
    await dialog.getByText("It does not answer as it should.").waitFor();
    await dialog.getByText("failed").waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => page.locator(":focus").getAttribute("aria-label")).toBe("Test House");
    expect(at.errors).toEqual([]);
  });

  test("a new address wants the key again, and what is not asked gets nothing", async () => {
    await using at = await visit(browser, `${product.url}/settings?tab=models`);
    const { page } = at;
    await page.getByRole("button", { name: "Change House" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Address").fill(`${fake.url}/elsewhere`);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/Give the key again/).waitFor();
    await dialog.getByLabel("Address").fill(fake.url);
    await dialog.getByLabel("For texts").fill("words-2");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    const house = page.getByRole("list", { name: "Model providers" }).getByRole("listitem", { name: "House" });
    await house.getByText("words-2").waitFor();
    await page.getByRole("button", { name: "Stop asking House" }).click();
    await house.getByText("not asked").waitFor();
    const sent = page.getByRole("list", { name: "What is sent where" }).getByRole("listitem");
    await expect.poll(() => sent.allInnerTexts()).toEqual(Array(3).fill(expect.stringContaining("To nobody.")));
    expect(at.errors).toEqual([]);
  });

  test("a picture is read on the spot, by this server where no model is asked", async () => {
    await using at = await visit(browser, `${product.url}/settings?tab=models`);
    const { page } = at;
    const part = page.getByRole("region", { name: "Try the reading of a picture" });
    await part.getByRole("button", { name: "Read the example" }).click();
    await part.getByText("Text recognised on this server, without a model.").waitFor({ timeout: 300_000 });
    axe["reading"] = await axeViolations(page);
    await part
      .getByLabel("Picture to read")
      .setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("%PDF-1.4 no picture") });
    await part.getByRole("alert").waitFor();
    await part
      .getByLabel("Picture to read")
      .setInputFiles({ name: "large.png", mimeType: "image/png", buffer: Buffer.alloc(800_000) });
    await part.getByText(/may have 740 KB/).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a provider is removed by its name", async () => {
    await using at = await visit(browser, `${product.url}/settings?tab=models`);
    const { page } = at;
    await page.getByRole("button", { name: "Remove House" }).click();
    const dialog = page.getByRole("dialog");
    await expect.poll(() => dialog.getByRole("button", { name: "Remove", exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Type/).fill("House");
    axe["remove"] = await axeViolations(page);
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("No provider yet").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("where models are switched off the page says so, and a provider of the environment can't be changed here", async () => {
    await product.restart({
      OPENTRACE_MODELS: "off",
      OPENTRACE_MODEL_URL: fake.url,
      OPENTRACE_MODEL_KEY: fake.key,
      OPENTRACE_MODEL_VISION: "eyes-1",
    });
    await using at = await visit(browser, `${product.url}/settings?tab=models`);
    const { page } = at;
    await page.getByText(/Models are switched off on this server/).waitFor();
    const list = page.getByRole("list", { name: "Model providers" });
    await list.getByText("from the server’s settings").waitFor();
    await list.getByText("switched off").waitFor();
    await expect.poll(() => list.getByRole("button").allInnerTexts()).toEqual(["Test"]);
    await expect.poll(() => list.getByRole("button").isDisabled()).toBe(true);
    axe["switched off"] = await axeViolations(page);
    expect(at.errors).toEqual([]);
  });

  test("its pages have no accessibility violation", () => {
    expect(Object.keys(axe).length).toBe(6);
    for (const [page, violations] of Object.entries(axe)) expect(violations, page).toEqual([]);
  });
});
