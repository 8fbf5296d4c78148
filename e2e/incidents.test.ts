// Incidents in the browser: found in the list, declared, changed by two people at once, and filled with evidence.
// Long because its tests share one product and one browser, whose start costs more than a test.
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository } from "./testing/rest.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

describe.skipIf(!hasBrowser())("incidents", () => {
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

  async function send<T = { id: string; reference: string }>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${product.url}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  const entryOf = async (id: string, title: string): Promise<{ at: string; version: number }> => {
    const { items } = await send<{ items: { title: string; at: string; version: number }[] }>(
      "GET",
      `/incidents/${id}/timeline`,
    );
    const found = items.find((one) => one.title === title);
    if (found === undefined) throw new Error(`The timeline has no entry ${title}.`);
    return found;
  };
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
    await expect.poll(() => page.getByLabel("Severity").inputValue()).toBe("high");
    await page.getByText("5%").waitFor();
    const services = page.getByRole("region", { name: "Affected services" });
    await services.getByText("payments").waitFor();
    await expect.poll(() => services.getByText("checkout").count()).toBe(0);
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
    await expect.poll(() => new URL(page.url()).searchParams.get("status")).toBe("open,investigating,resolved");
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
    await expect.poll(() => rows.count()).toBeLessThan(60);
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
    await expect.poll(() => first.getByText("order 29").count()).toBe(0);
    await first.getByRole("button", { name: "Show all 30 lines" }).click();
    await first.getByText("order 29").waitFor();
    await send("POST", `/evidence/incident/${id}`, { evidence_type: "note", content: "The provider is down" });
    await list.getByRole("listitem", { name: "The provider is down" }).waitFor();
    await page.getByRole("group", { name: "Kinds" }).getByRole("button", { name: "Note" }).click();
    await first.waitFor({ state: "detached" });
    await page.waitForURL(/kind=note/);
    expect(at.errors).toEqual([]);
  });

  /** What an error screen looks like: large dark letters on white, as the browser itself draws them. */
  async function errorScreen(): Promise<Buffer> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 500 } });
    const drawn = await context.newPage();
    await drawn.setContent(
      `<body style="font: 32px sans-serif; background: white; color: black; padding: 40px"><p>upstream connect error in payments</p></body>`,
    );
    const picture = await drawn.screenshot();
    await context.close();
    return picture;
  }

  test("a screenshot that is chosen, dropped or pasted shows beside what was read in it", async () => {
    const { reference } = await declare("Payments answer 502");
    const picture = await errorScreen();
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=evidence`);
    const { page } = at;
    await page.getByText("Nothing here yet").waitFor();
    const chooser = page.getByLabel("Files to upload");
    await chooser.setInputFiles({ name: "error.png", mimeType: "image/png", buffer: picture });
    const list = page.getByRole("list", { name: "Evidence" });
    const first = list.getByRole("listitem").first();
    await first.getByRole("img", { name: /^Screenshot/ }).waitFor();
    const reading = first.getByRole("region", { name: "Reading" });
    await reading.getByText("Text recognised on this server, without a model.").waitFor({ timeout: 300_000 });
    await reading.getByText(/% sure/).waitFor();
    await reading
      .getByText(/upstream connect error in payments/)
      .first()
      .waitFor();
    await first.getByRole("button", { name: "Show it large" }).click();
    await page.getByRole("dialog").getByRole("img").waitFor();
    await page.keyboard.press("Escape");

    await chooser.setInputFiles({
      name: "notes.png",
      mimeType: "image/png",
      buffer: Buffer.from("%PDF-1.4 no picture"),
    });
    const uploads = page.getByRole("list", { name: "Uploads" });
    await uploads.getByRole("alert").waitFor();
    await uploads.getByRole("button", { name: "Dismiss notes.png" }).click();
    await uploads.waitFor({ state: "detached" });

    const shown = list.getByRole("listitem").filter({ has: page.getByRole("img", { name: /^Screenshot/ }) });
    for (const [how, count] of [
      ["drop", 2],
      ["paste", 3],
    ] as const) {
      // As text: what runs in the page knows files and events that this process does not.
      await page.evaluate(`{
        const bytes = Uint8Array.from(atob("${picture.toString("base64")}"), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "${how}.png", { type: "image/png" }));
        const given = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
        document
          .querySelector("[aria-label=Kinds]")
          .dispatchEvent("${how}" === "drop" ? new DragEvent("drop", given) : new ClipboardEvent("paste", given));
      }`);
      await expect.poll(() => shown.count()).toBe(count);
    }
    expect(at.errors).toEqual([]);
  });

  test("what was said of evidence is put right, tied to the graph and a time, and taken away with a second look", async () => {
    const { reference, id } = await declare("Carts are empty");
    const { id: node } = await send<{ id: string }>("POST", `/evidence/incident/${id}`, {
      evidence_type: "log",
      title: "A log",
      content: "cart lost",
    });
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=evidence`);
    const { page } = at;
    await page.getByRole("button", { name: "Change “A log”" }).click();
    const form = page.getByRole("form", { name: "Change evidence" });
    await form.getByLabel("Title").fill("");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("It needs a title.").waitFor();
    await form.getByLabel("Title").fill("The log of the carts");
    await form.getByLabel("From").fill("2026-01-02T03:04");
    await form.getByLabel("To", { exact: true }).fill("2026-01-02T02:00");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("The end is before the beginning.").waitFor();
    await form.getByLabel("To", { exact: true }).fill("2026-01-02T04:00");
    await form.getByRole("combobox", { name: "Node that it is about" }).fill("checkout");
    await page
      .getByRole("option", { name: /checkout/ })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await form.getByRole("list", { name: "Chosen nodes" }).getByText("checkout", { exact: true }).waitFor();
    await form.getByRole("button", { name: "Save" }).click();
    const card = page.getByRole("listitem", { name: "The log of the carts" });
    await card.getByText(/tells of/).waitFor();
    await card.getByRole("link", { name: /checkout/ }).waitFor();
    expect(await send("GET", `/evidence/${node}`)).toMatchObject({
      content: "cart lost",
      nodes: [{ name: "checkout" }],
    });
    await card.getByRole("button", { name: "Remove “The log of the carts”" }).click();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(":focus").getAttribute("aria-label")).toBe("Remove “The log of the carts”");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await card.waitFor({ state: "detached" });
    expect(at.errors).toEqual([]);
  });

  test("a log file is uploaded whole, shown from its beginning, and can be downloaded", async () => {
    const { reference } = await declare("Disks are slow");
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=evidence`);
    const { page } = at;
    const log = Buffer.from(
      Array.from({ length: 40_000 }, (_, line) => `line ${String(line)}: disk is slow`).join("\n"),
    );
    await page.getByLabel("Files to upload").setInputFiles({ name: "disk.log", mimeType: "text/plain", buffer: log });
    const card = page.getByRole("listitem", { name: "disk.log" });
    await card.getByText(/line 0: disk is slow/).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      card.getByRole("button", { name: "Download the whole" }).click(),
    ]);
    expect(readFileSync(await download.path()).equals(log)).toBe(true);
    expect(at.errors).toEqual([]);
  });

  test("one's own comment is changed and taken away, by keys", async () => {
    const { reference } = await declare("Phones ring");
    await using at = await visit(browser, `${product.url}/incidents/${reference}`);
    const { page } = at;
    await page.getByLabel("Comment").fill("The bell is broken");
    await page.keyboard.press("Control+Enter");
    const history = page.getByRole("region", { name: "History" });
    await history.getByText("The bell is broken").waitFor();
    await history.getByRole("button", { name: "Change this comment" }).click();
    const form = history.getByRole("form", { name: "Change the comment" });
    await form.getByLabel("Comment").fill("The bell is stuck");
    await form.getByRole("button", { name: "Save" }).press("Enter");
    await history.getByText("The bell is stuck").waitFor();
    await history.getByText("(changed)").waitFor();
    await history.getByRole("button", { name: "Remove this comment" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).press("Enter");
    await history.getByText("The bell is stuck").waitFor({ state: "detached" });
    expect(at.errors).toEqual([]);
  });

  test("a list is saved under a name, and many incidents are changed or merged at once", async () => {
    for (const title of ["Twin one", "Twin two", "Twin three"]) await declare(title, { tags: ["twin"] });
    await using at = await visit(browser, `${product.url}/incidents`);
    const { page } = at;
    await page.getByRole("button", { name: "More filters" }).click();
    await page.getByLabel("Tag", { exact: true }).fill("twin");
    const rows = page.getByRole("list", { name: "Incidents" }).getByRole("listitem");
    await expect.poll(() => rows.count()).toBe(3);
    await page.getByRole("button", { name: "Save this view" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Twins");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const views = page.getByRole("group", { name: "Views" });
    await views.getByRole("button", { name: "Active" }).click();
    await expect.poll(() => rows.count()).toBeGreaterThan(3);
    await views.getByRole("button", { name: "Twins", exact: true }).click();
    await expect.poll(() => rows.count()).toBe(3);
    await rows.nth(0).getByRole("checkbox").check();
    const bar = page.getByRole("region", { name: "Marked incidents" });
    await bar.getByRole("button", { name: "Mark all 3" }).click();
    await bar.getByLabel("Set severity").selectOption("critical");
    await page.getByText("3 incidents changed.").waitFor();
    await expect.poll(() => rows.filter({ hasText: "Critical" }).count()).toBe(3);
    await page.keyboard.press("Escape");
    for (const row of [0, 1, 2]) await rows.nth(row).getByRole("checkbox").check();
    await bar.getByRole("button", { name: "Merge…" }).click();
    await page
      .getByRole("dialog")
      .getByRole("radio", { name: /Twin two/ })
      .check();
    await page.getByRole("dialog").getByRole("button", { name: "Merge", exact: true }).click();
    await expect
      .poll(() => rows.allInnerTexts().then((texts) => texts.map((text) => text.split("\n")[0])))
      .toEqual(["Twin two"]);
    await rows.getByRole("link", { name: "Twin two" }).click();
    await page
      .getByRole("region", { name: "Duplicates merged into this one" })
      .getByRole("link", { name: /Twin one/ })
      .click();
    await page.getByText("This is a duplicate").waitFor();
    await page.getByRole("button", { name: "Take it apart again" }).click();
    await page.getByText("This is a duplicate").waitFor({ state: "detached" });
    await page.goto(`${product.url}/incidents?tag=twin`);
    await views.getByRole("button", { name: "Remove the view Twins" }).click();
    await views.getByRole("button", { name: "Twins", exact: true }).waitFor({ state: "detached" });
    expect(at.errors).toEqual([]);
  });

  test("a comment is in the history, and the timeline is built, narrowed and written to by hand", async () => {
    const { reference, id } = await declare("Orders are lost", {
      started_at: new Date(Date.now() - 600_000).toISOString(),
    });
    await using at = await visit(browser, `${product.url}/incidents/${reference}`);
    const { page } = at;
    await page.getByLabel("Comment").fill("The queue is full");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("region", { name: "History" }).getByText("The queue is full").waitFor();
    await page.getByLabel("Status").selectOption("investigating");
    await page
      .getByRole("navigation", { name: "Parts of this incident" })
      .getByRole("link", { name: "Timeline" })
      .click();
    const timeline = page.getByRole("list", { name: "Timeline" });
    await page.getByRole("button", { name: "Build again" }).click();
    await timeline.getByText("The queue is full").first().waitFor();
    await page.getByRole("button", { name: "Add entry" }).click();
    const form = page.getByRole("form", { name: "Add entry" });
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await form.getByRole("alert").filter({ hasText: "Say in a line what happened." }).waitFor();
    await form.getByLabel("What happened").fill("Somebody pulled a cable");
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await timeline.getByText("Somebody pulled a cable").waitFor();
    await timeline.getByRole("button", { name: "Change “Somebody pulled a cable”" }).click();
    const change = page.getByRole("form", { name: "Change entry" });
    const before = await entryOf(id, "Somebody pulled a cable");
    await change.getByLabel("What happened").fill("Somebody pulled the wrong cable");
    await change.getByLabel("More about it").fill("In the second rack");
    await change.getByRole("button", { name: "Save", exact: true }).click();
    await timeline.getByText("In the second rack").waitFor();
    // Its time was left as it was, to the second.
    expect(await entryOf(id, "Somebody pulled the wrong cable")).toMatchObject({ at: before.at, version: 2 });
    await send("POST", `/incidents/${id}/timeline`, { at: new Date().toISOString(), title: "Told from elsewhere" });
    await timeline.getByText("Told from elsewhere").waitFor();
    await page.getByRole("group", { name: "Kinds" }).getByRole("button", { name: "Note" }).click();
    await timeline.getByText("The queue is full").waitFor({ state: "detached" });
    await page.waitForURL(/kind=note/);
    await page.getByRole("button", { name: "Remove “Somebody pulled the wrong cable”" }).click();
    await timeline.getByText("Somebody pulled the wrong cable").waitFor({ state: "detached" });
    await timeline.getByText("Told from elsewhere").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("hypotheses are looked for, added, rejected with a reason and kept; actions go from to do to done", async () => {
    const { reference } = await declare("Receipts are empty");
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=hypotheses`);
    const { page } = at;
    await page.getByText("Nobody has looked for causes yet").waitFor();
    await page.getByRole("button", { name: "Look for causes" }).click();
    await page.getByRole("region", { name: "Verdict" }).waitFor();
    await page.getByRole("button", { name: "Add my own" }).click();
    await page.getByLabel("What do you suspect?").fill("The printer is out of paper");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Change “The printer is out of paper”" }).click();
    const change = page.getByRole("form", { name: "Change the hypothesis" });
    await change.getByLabel("What do you suspect?").fill("The printer has no ink");
    await change.getByLabel("Why").fill("The pages are there, and white");
    await change.getByRole("button", { name: "Save", exact: true }).click();
    const one = page.getByRole("listitem", { name: "The printer has no ink" });
    await one.getByText("The pages are there, and white").waitFor();
    await one.getByRole("button", { name: "Check it" }).click();
    await one.getByText("Being checked").waitFor();
    await one.getByRole("button", { name: "Reject…" }).click();
    await one.getByLabel("Why not?").fill("It is full");
    await one.getByRole("button", { name: "Reject", exact: true }).click();
    const rejected = page.getByRole("region", { name: "Rejected" });
    await rejected.getByText("It is full").waitFor();
    await page.reload();
    await rejected.getByText("It is full").waitFor();
    await rejected.getByRole("button", { name: "Open it again" }).click();
    await one.getByRole("button", { name: "Confirm" }).click();
    await one.getByText("Confirmed").waitFor();

    await page
      .getByRole("navigation", { name: "Parts of this incident" })
      .getByRole("link", { name: "Actions" })
      .click();
    await page.getByRole("button", { name: "Add action" }).click();
    await page.getByLabel("What is to be done?").fill("Roll the release back");
    await page.getByLabel("Kind").selectOption("rollback");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const action = page.getByRole("list", { name: "Actions" }).getByRole("listitem", { name: "Roll the release back" });
    await action.getByRole("button", { name: "Start" }).click();
    await action.getByText("In progress").waitFor();
    await action.getByRole("button", { name: "Done…" }).click();
    await action.getByLabel("How did it go?").fill("Receipts are back");
    await action.getByRole("button", { name: "Done", exact: true }).click();
    await action.getByText("Receipts are back").waitFor();
    await expect.poll(() => action.getByRole("button").count()).toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("a runbook that fits is suggested with why, and read where one is", async () => {
    const { reference } = await declare("Payments time out", { affected_services: ["payments"] });
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=runbooks`);
    const { page } = at;
    await page.getByText("No runbook fits").waitFor();
    await page.getByRole("button", { name: "Write a runbook" }).click();
    const form = page.getByRole("form", { name: "Write a runbook" });
    await form.getByLabel("Title").fill("Payments are slow");
    await form.getByLabel("Steps").fill("## First\n\nLook at **the provider**.");
    await form.getByRole("button", { name: "Save" }).click();
    const list = page.getByRole("list", { name: "Runbooks" });
    await list.getByRole("button", { name: "Payments are slow" }).click();
    await list.getByText("the provider", { exact: true }).waitFor();
    await page.waitForURL(/show=/);
    expect(at.errors).toEqual([]);
  });

  test("a postmortem is drafted, edited, brought back and taken out; a stale edit overwrites nothing", async () => {
    const { reference } = await declare("Mails were lost", { status: "resolved" });
    await using at = await visit(browser, `${product.url}/incidents/${reference}?part=postmortem`);
    const { page } = at;
    await page.getByRole("button", { name: "Draft it" }).click();
    await page.getByText("Version 1, drafted").waitFor();
    const edit = async (text: string): Promise<void> => {
      await page.getByRole("button", { name: "Edit" }).click();
      const body = page.getByRole("textbox", { name: "Text" });
      await body.fill(`${await body.inputValue()}\n\n${text}`);
    };
    await edit("A lesson: **test the mails**.");
    await page.getByRole("region", { name: "Preview" }).getByText("test the mails").waitFor();
    await page.getByLabel("What you changed").fill("the lesson");
    await page.getByRole("button", { name: "Save a version" }).click();
    await page.getByText("Version 2, edited").waitFor();
    await page.getByText("test the mails").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Markdown" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${reference}-postmortem.md`);
    await page.getByRole("button", { name: "Versions" }).click();
    await page.getByRole("dialog").getByText("the lesson").waitFor();
    await page.getByRole("button", { name: "Bring back version 1" }).click();
    await page.getByText("Version 3, brought back").waitFor();
    await edit("Mine");
    await send("PATCH", `/incidents/${reference}/postmortem`, { version: 3, body: "Theirs" });
    await page.getByRole("button", { name: "Save a version" }).click();
    await page.getByText("Somebody saved another version meanwhile").waitFor();
    expect(await send("GET", `/incidents/${reference}/postmortem`)).toMatchObject({ body: "Theirs", version: 4 });
    expect(at.errors).toEqual([]);
  });

  test("an incident that is not there says so", async () => {
    await using at = await visit(browser, `${product.url}/incidents/INC-99999`);
    await at.page.getByText("There is no incident INC-99999").waitFor();
    expect(at.errors).toEqual([]);
  });
});
