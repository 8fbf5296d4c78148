// Runbooks in the browser: written, taken from a Markdown file, found, read, changed, removed, and opened from the incident that they fit.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository } from "./testing/rest.ts";
import { createRepository, type TestRepository } from "./testing/shop.ts";

const file = `---
title: Queue is full
services: [orders, mails]
tags: [queue]
---
# Queue is full

1. Look at it:
   \`\`\`sh
   queue status
   \`\`\`
2. Then <img src=x onerror=alert(1)> [drain](javascript:alert(1)) it.

| Queue | Most |
|---|---|
| orders | 100 |
`;

describe.skipIf(!hasBrowser())("runbooks", () => {
  let browser: Browser;
  let product: Product;
  let repository: TestRepository;
  const axe: Record<string, string[]> = {};
  beforeAll(async () => {
    repository = createRepository("ops");
    repository.commit({ "docs/runbooks/disk.md": "# Disk is full\n\nDelete **old logs**.\n" }, "Write it down");
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    repository?.[Symbol.dispose]();
  });

  async function send(method: string, path: string, body: object): Promise<{ id: string; reference: string }> {
    const answer = await fetch(`${product.url}/api/v1${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string; reference: string };
  }

  test("one is written with a look at how it reads, by keys alone", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByText("No runbooks yet").waitFor();
    axe["none yet"] = await axeViolations(page);
    await page.getByRole("link", { name: "New runbook" }).focus();
    await page.keyboard.press("Enter");
    const form = page.getByRole("form", { name: "New runbook" });
    await expect.poll(() => form.locator("input:focus").count()).toBe(1);
    await page.keyboard.press("Enter");
    await form.getByText("It needs a title.").waitFor();
    await page.keyboard.type("Payments are slow");
    await form.getByLabel("Steps").fill("Call **the provider**.");
    await form.getByRole("button", { name: "Preview" }).click();
    await form.getByRole("region", { name: "Preview" }).getByText("the provider", { exact: true }).waitFor();
    axe["a form with its preview"] = await axeViolations(page);
    await form.getByLabel("Services").fill("payments");
    await form.getByLabel("Tags").fill("provider");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Payments are slow" }).waitFor();
    await page.waitForURL(/\/runbooks\/rbk_/);
    await page.getByText("the provider", { exact: true }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a Markdown file is looked over before it is kept, and nothing in it runs", async () => {
    await using at = await visit(browser, `${product.url}/runbooks/new`);
    const { page } = at;
    const chooser = page.getByLabel("Markdown file");
    await chooser.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: Buffer.from("x") });
    await page.getByRole("alert").filter({ hasText: "is not a Markdown file" }).waitFor();
    await chooser.setInputFiles({ name: "b.md", mimeType: "text/markdown", buffer: Buffer.from([0xff, 0xfe, 0xff]) });
    await page.getByRole("alert").filter({ hasText: "is not a text in UTF-8" }).waitFor();
    await chooser.setInputFiles({ name: "queue.md", mimeType: "text/markdown", buffer: Buffer.from(file) });
    const form = page.getByRole("form", { name: "New runbook" });
    await expect.poll(() => form.getByLabel("Title").inputValue()).toBe("Queue is full");
    await form.getByRole("button", { name: "Remove the service mails" }).click();
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { level: 1, name: "Queue is full" }).waitFor();
    await page.getByRole("table").getByRole("cell", { name: "100" }).waitFor();
    await page.getByText("queue status").waitFor();
    await page.getByText("<img src=x onerror=alert(1)>").waitFor();
    await expect.poll(() => page.locator("#main img, #main a[href^=javascript]").count()).toBe(0);
    await expect
      .poll(() => page.getByRole("list", { name: "Services and tags" }).getByRole("link").allInnerTexts())
      .toEqual(["orders", "#queue"]);
    axe["one"] = await axeViolations(page);
    expect(at.errors).toEqual([]);
  });

  test("they are found by words, service and tag, all in the address", async () => {
    await using at = await visit(browser, `${product.url}/runbooks`, { colorScheme: "dark" });
    const { page } = at;
    const rows = page.getByRole("list", { name: "Runbooks" }).locator("h2");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["Payments are slow", "Queue is full"]);
    axe["list, dark"] = await axeViolations(page);
    await page.keyboard.press("/");
    await page.keyboard.type("provider");
    await expect.poll(() => rows.allInnerTexts()).toEqual(["Payments are slow"]);
    await page.waitForURL(/q=provider/);
    await page.getByLabel("Search runbooks").fill("nothing like this");
    await page.getByText("No runbook is like that").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByRole("link", { name: "#queue" }).click();
    await expect.poll(() => rows.allInnerTexts()).toEqual(["Queue is full"]);
    await page.getByRole("button", { name: /^tag queue/ }).click();
    await expect.poll(() => rows.count()).toBe(2);
    await send("POST", "/runbooks", { title: "Told from elsewhere", body: "x" });
    await rows.filter({ hasText: "Told from elsewhere" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("one is changed, never over what somebody else has saved meanwhile, and removed after a second look", async () => {
    const { id } = await send("POST", "/runbooks", { title: "Mails are late", body: "Wait." });
    await using at = await visit(browser, `${product.url}/runbooks/${id}`);
    const { page } = at;
    await page.getByText("Wait.").waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    const form = page.getByRole("form", { name: "Change the runbook" });
    await form.getByLabel("Steps").fill("Do not wait.");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("Do not wait.").waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await form.getByLabel("Steps").fill("Mine.");
    await send("PATCH", `/runbooks/${id}`, { body: "Theirs." });
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByRole("alert").waitFor();
    await form.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Theirs.").waitFor();
    await page.getByRole("button", { name: "Remove" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Its text is gone for good.").waitFor();
    axe["remove"] = await axeViolations(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => page.locator("button:focus").innerText()).toBe("Remove");
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Remove" }).click();
    await page.waitForURL(/\/runbooks$/);
    await page.getByRole("list", { name: "Runbooks" }).getByText("Queue is full").waitFor();
    await expect.poll(() => page.getByText("Mails are late").count()).toBe(0);
    await page.goto(`${product.url}/runbooks/${id}`);
    await page.getByText("There is no such runbook").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("those of repositories are read from there, and changed there alone", async () => {
    await addRepository(product.url, repository.path);
    await using at = await visit(browser, `${product.url}/runbooks`);
    const { page } = at;
    await page.getByRole("button", { name: "Read from repositories" }).click();
    await page.getByText(/Read from repositories: 1 new/).waitFor();
    await page.getByRole("link", { name: "Disk is full" }).click();
    await page.getByText("old logs", { exact: true }).waitFor();
    await page.getByText(/It is read from a file of an indexed repository/).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Edit" }).count()).toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("an incident suggests the one that fits, and leads to it", async () => {
    const { reference } = await send("POST", "/incidents", { title: "Slow", affected_services: ["payments"] });
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=runbooks`);
    const { page } = at;
    const suggested = page
      .getByRole("list", { name: "Runbooks" })
      .getByRole("listitem")
      .filter({ hasText: "Payments" });
    await suggested.getByRole("link", { name: "Open on its own page" }).click();
    await page.getByRole("heading", { level: 1, name: "Payments are slow" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("its pages have no accessibility violation", () => {
    expect(Object.keys(axe).length).toBe(5);
    for (const [page, violations] of Object.entries(axe)) expect(violations, page).toEqual([]);
  });
});
