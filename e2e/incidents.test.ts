// Incidents in the browser: found in the list, declared, changed by two people at once, and filled with evidence.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";

describe.skipIf(!hasBrowser())("incidents", () => {
  let browser: Browser;
  let product: Product;
  beforeAll(async () => {
    [browser, product] = await Promise.all([launchBrowser(), startProduct()]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
  });

  async function send<T = { id: string; reference: string }>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${product.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  const declare = (title: string, more: object = {}) => send("POST", "/incidents", { title, ...more });

  test("where there is none the list says how one begins, and a line is enough to declare it", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.getByText("All is quiet").waitFor();
    await page.getByRole("button", { name: "Show the ended ones too" }).click();
    await page.getByText("No incidents yet").waitFor();
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "Declare incident" }).click();
    await page.getByRole("alert").filter({ hasText: "Say in a line what is wrong." }).waitFor();
    await page.getByLabel("What is wrong?").fill("High error rate in payment service");
    await page.getByRole("button", { name: "High", exact: true }).click();
    await page.getByLabel("What is known").fill("Error rate increased to **5%**");
    await page.getByLabel("Affected services").fill("payments, checkout,");
    await page.getByRole("button", { name: "Remove the service checkout" }).click();
    await page.getByLabel("Tags").fill("eu");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Declare incident" }).click();
    await page.getByRole("heading", { level: 1, name: "High error rate in payment service" }).waitFor();
    await page.waitForURL(/\/incidents\/INC-1$/);
    expect(await page.getByLabel("Severity").inputValue()).toBe("high");
    await page.getByText("5%").waitFor();
    const services = page.getByRole("region", { name: "Affected services" });
    await services.getByText("payments").waitFor();
    expect(await services.getByText("checkout").count()).toBe(0);
    await page.getByRole("region", { name: "Tags" }).getByText("eu").waitFor();
    await page.goto(product.url);
    await page
      .getByRole("region", { name: "Active incidents" })
      .getByRole("link", { name: /High error rate/ })
      .click();
    await page.getByRole("heading", { level: 1, name: "High error rate in payment service" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("the list is narrowed by words, status and severity, all in the address, and new ones come by themselves", async () => {
    await declare("Search is slow", { severity: "low", status: "resolved", tags: ["search"] });
    await declare("Checkout times out", { severity: "critical", owner: "ada", affected_services: ["checkout"] });
    await using at = await visit(browser, `${product.url}/incidents`);
    const { page } = at;
    const rows = page.getByRole("list", { name: "Incidents" }).getByRole("listitem");
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByRole("group", { name: "Status" }).getByRole("button", { name: "Resolved" }).click();
    await expect.poll(() => rows.count()).toBe(3);
    expect(new URL(page.url()).searchParams.get("status")).toBe("open,investigating,resolved");
    await page.getByRole("group", { name: "Severity" }).getByRole("button", { name: "Critical" }).click();
    await expect
      .poll(() => rows.allInnerTexts().then((texts) => texts.map((text) => text.split("\n")[0])))
      .toEqual(["Checkout times out"]);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("payment");
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole("button", { name: "More filters" }).click();
    await page.getByLabel("Owner", { exact: true }).fill("nobody");
    await page.getByText("No incident has “payment”").waitFor();
    await page.getByRole("button", { name: "Show all incidents" }).click();
    await expect.poll(() => rows.count()).toBe(3);
    await page.getByLabel("Sort by").selectOption("severity");
    await expect.poll(() => rows.first().innerText()).toContain("Checkout times out");
    await declare("Mails are not sent", { severity: "critical" });
    await rows.filter({ hasText: "Mails are not sent" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("the list is walked and opened by keys, and one comes back to where one was", async () => {
    await using at = await visit(browser, `${product.url}/incidents?status=all&sort=created_at`);
    const { page } = at;
    const rows = page.getByRole("list", { name: "Incidents" }).getByRole("listitem");
    await rows.first().waitFor();
    for (const key of ["j", "j", "j", "k", "x"]) await page.keyboard.press(key);
    await expect.poll(() => rows.nth(1).getByRole("checkbox").isChecked()).toBe(true);
    await expect.poll(() => page.locator("a:focus").innerText()).toBe("Search is slow");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Search is slow" }).waitFor();
    await page.goBack();
    await expect.poll(() => page.locator("a:focus").innerText()).toBe("Search is slow");
    expect(at.errors).toEqual([]);
  });

  test("hundreds are scrolled through page by page, with few in the document", async () => {
    for (let number = 0; number < 230; number += 1)
      await declare(`Alert number ${String(number)}`, { tags: ["many"], status: "closed" });
    await using at = await visit(browser, `${product.url}/incidents?status=closed&tag=many`);
    const { page } = at;
    await page.getByRole("status").filter({ hasText: "230" }).waitFor();
    const list = page.getByRole("list", { name: "Incidents" });
    const rows = list.getByRole("listitem");
    await expect
      .poll(async () => {
        await list.evaluate((element) => element.parentElement?.scrollTo(0, element.scrollHeight));
        return rows.last().innerText();
      })
      .toContain("Alert number 0");
    expect(await rows.count()).toBeLessThan(60);
    expect(at.errors).toEqual([]);
  });

  test("status, severity, owner, tags and title are changed where they stand, and kept in the history", async () => {
    const { reference } = await declare("Disk is filling up", { tags: ["db"] });
    await using at = await visit(browser, `${product.url}/incidents/${reference}`);
    const { page } = at;
    await page.getByLabel("Status").selectOption("investigating");
    await page.getByLabel("Severity").selectOption("critical");
    await page.getByRole("button", { name: "Owner: Nobody. Change" }).click();
    await page.getByLabel("Owner", { exact: true }).fill("grace");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Owner: grace. Change" }).waitFor();
    await page.getByRole("button", { name: "Change the tags" }).click();
    await page.getByRole("textbox", { name: "Tags" }).fill("disk");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Tags" }).getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Change the title" }).click();
    await page.getByLabel("Title").fill("Disk of the database is filling up");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Disk of the database is filling up" }).waitFor();
    const history = page.getByRole("region", { name: "History" });
    await history.getByText("Status from Open to Investigating").waitFor();
    await history.getByText("Owner from nothing to grace").waitFor();
    await expect
      .poll(() => send<{ status: string; tags: string[] }>("GET", `/incidents/${reference}`))
      .toMatchObject({ status: "investigating", severity: "critical", owner: "grace", tags: ["db", "disk"] });
    expect(at.errors).toEqual([]);
  });

  test("who changes what somebody else has just changed sees both, and decides", async () => {
    const { reference } = await declare("Cache is cold", { description: "First words" });
    await using at = await visit(browser, `${product.url}/incidents/${reference}`);
    const { page } = at;
    await page.getByRole("button", { name: "Change what is known" }).click();
    await page.getByRole("textbox", { name: "What is known" }).fill("My words");
    await send("PATCH", `/incidents/${reference}`, { description: "Their words", severity: "high" });
    await expect.poll(() => page.getByLabel("Severity").inputValue()).toBe("high");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Somebody changed this incident meanwhile" });
    await dialog.getByRole("region", { name: "What changed" }).getByText("Their words").waitFor();
    await dialog.getByRole("region", { name: "What changed" }).getByText("Severity").waitFor();
    await dialog.getByRole("region", { name: "Your change" }).getByText("My words").waitFor();
    expect(await send("GET", `/incidents/${reference}`)).toMatchObject({ description: "Their words" });
    await dialog.getByRole("button", { name: "Save mine over it" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("My words").waitFor();
    expect(await send("GET", `/incidents/${reference}`)).toMatchObject({ description: "My words", severity: "high" });
    expect(at.errors).toEqual([]);
  });

  test("evidence is added in a form that says what is wrong, filtered by kind, and comes live from elsewhere", async () => {
    const { reference, id } = await declare("Payments fail");
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=evidence`);
    const { page } = at;
    await page.getByText("Nothing here yet").waitFor();
    await page.getByRole("button", { name: "Add evidence" }).click();
    const form = page.getByRole("form", { name: "Add evidence" });
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await form.getByRole("alert").filter({ hasText: "Give it a title" }).waitFor();
    const lines = Array.from({ length: 30 }, (_, number) => `ERROR charge failed, order ${number}`);
    await form.getByLabel("Text").fill(lines.join("\n"));
    await form.getByLabel("Link to it").fill("not an address");
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await form.getByRole("alert").filter({ hasText: "begins with https://" }).waitFor();
    await form.getByLabel("Link to it").fill("https://logs.example.com/?q=charge");
    await form.getByLabel("Source").fill("datadog");
    await form.getByRole("button", { name: "Add", exact: true }).click();
    const list = page.getByRole("list", { name: "Evidence" });
    const first = list.getByRole("listitem", { name: "ERROR charge failed, order 0" });
    await first.getByText("datadog").waitFor();
    expect(await first.getByText("order 29").count()).toBe(0);
    await first.getByRole("button", { name: "Show all 30 lines" }).click();
    await first.getByText("order 29").waitFor();
    await send("POST", `/evidence/incident/${id}`, { evidence_type: "note", content: "The provider is down" });
    await list.getByRole("listitem", { name: "The provider is down" }).waitFor();
    await page.getByRole("group", { name: "Kinds" }).getByRole("button", { name: "Note" }).click();
    await first.waitFor({ state: "detached" });
    await page.waitForURL(/kind=note/);
    expect(at.errors).toEqual([]);
  });

  test("an incident that is not there says so", async () => {
    await using at = await visit(browser, `${product.url}/incidents/INC-99999`);
    await at.page.getByText("There is no incident INC-99999").waitFor();
    expect(at.errors).toEqual([]);
  });
});
