// Every screen in both themes and on a narrow screen against axe (WCAG 2.2 AA and best practices), and the main job without a mouse.
import { deflateRawSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";
import { addRepository, addScreenshot, declareIncident, nodeId } from "./testing/rest.ts";
import { createShop, type TestRepository } from "./testing/shop.ts";

const diffOfCart =
  "--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -13 +13 @@\n-  return charge(cents);\n+  return charge(cents * 2);\n";

describe.skipIf(!hasBrowser())("accessibility", () => {
  let browser: Browser;
  let product: Product;
  let empty: Product;
  let shop: TestRepository;
  const addresses = new Map<string, string>();
  /** Screens that look different on a narrow screen. */
  const narrow = new Set([
    "first screen",
    "overview",
    "graph",
    "table",
    "impact",
    "impact of a file's lines",
    "impact of a diff, before it is pasted",
    "impact of a diff",
    "similar nodes",
    "code search results",
    "source",
    "repository",
    "incidents",
    "declare an incident",
    "incident",
    "evidence of an incident",
    "timeline of an incident",
    "hypotheses of an incident",
    "postmortem of an incident",
    "identity providers in the settings",
    "models in the settings",
    "runbooks",
    "runbook",
    "new runbook",
  ]);
  beforeAll(async () => {
    shop = createShop();
    [browser, product, empty] = await Promise.all([launchBrowser(), startProduct(), startProduct()]);
    const id = await addRepository(product.url, shop.path);
    const [checkout, charge, handle] = await Promise.all(
      ["checkout", "charge", "handlePurchase"].map((name) => nodeId(product.url, name)),
    );
    const repository = `repo:local${shop.path}`;
    const { incident, runbook } = await declareIncident(product.url);
    await addScreenshot(product.url, incident, await dashboardPicture(browser));
    await send(`${product.url}/api/v1/model-providers`, {
      name: "Ollama",
      kind: "openai-compatible",
      base_url: "http://localhost:11434/v1",
      vision_model: "qwen2.5vl:7b",
      enabled: false,
    });
    await send(`${product.url}/api/v1/auth/providers`, {
      name: "Acme",
      issuer: "https://login.example.com",
      client_id: "opentrace",
      role_of_group: { sre: "admin" },
    });
    for (const [screen, path] of Object.entries({
      incidents: "/incidents",
      "incidents, more filters": "/incidents?status=all&q=payments&tag=eu&sort=severity",
      "no incidents": "/incidents?status=closed",
      "declare an incident": "/incidents/new",
      incident: `/incidents/${incident}`,
      "evidence of an incident": `/incidents/${incident}?part=evidence`,
      "timeline of an incident": `/incidents/${incident}?part=timeline`,
      "hypotheses of an incident": `/incidents/${incident}?part=hypotheses`,
      "actions of an incident": `/incidents/${incident}?part=actions`,
      "runbooks of an incident": `/incidents/${incident}?part=runbooks`,
      "postmortem of an incident": `/incidents/${incident}?part=postmortem`,
      "no such incident": "/incidents/nope",
      overview: "/",
      add: "/add",
      "explorer before anything is open": "/explore",
      graph: `/explore?open=${checkout}&select=${checkout}`,
      edge: `/explore?open=${checkout}&select=${checkout}~${charge}`,
      dependents: `/explore?open=${checkout}&select=${checkout}&tab=dependents`,
      "source in the panel": `/explore?open=${checkout}&select=${checkout}&tab=source`,
      table: `/explore?view=table&open=${checkout}&select=${checkout}`,
      path: `/explore?view=path&from=${handle}&to=${charge}`,
      impact: `/explore?view=impact&of=${charge}&select=${checkout}`,
      "impact sorted, one hop": `/explore?view=impact&of=${charge}&hop=1&sort=-name`,
      "impact of a file's lines": `/explore?view=impact&by=lines&repo=${encodeURIComponent(repository)}&path=src/cart.ts&lines=11-14`,
      "impact of lines of no file": "/explore?view=impact&by=lines&path=src/nowhere.ts&lines=3",
      "impact of a diff, before it is pasted": "/explore?view=impact&by=diff",
      "impact of a diff": `/explore?view=impact&by=diff&diff=z${deflateRawSync(diffOfCart).toString("base64url")}`,
      "impact of a diff that is elsewhere": "/explore?view=impact&by=diff&diff=k0123",
      "similar nodes": `/explore?open=${checkout}&select=${checkout}&tab=similar`,
      "code search": "/search",
      "code search results": "/search?q=charge",
      "code search without a match": "/search?q=nothing+like+this&case=yes",
      "code search refused": `/search?q=${encodeURIComponent("(?=x)")}&regex=yes`,
      list: "/explore?view=list&type=Function",
      source: `/source?repo=${encodeURIComponent(repository)}&path=src/cart.ts&lines=11-14`,
      repository: `/repositories/${id}`,
      ask: "/ask",
      answer: `/ask?q=${encodeURIComponent("What calls charge?")}`,
      "question not understood": "/ask?q=lorem+ipsum",
      settings: "/settings",
      "people in the settings": "/settings?tab=people",
      "identity providers in the settings": "/settings?tab=sign-in",
      "models in the settings": "/settings?tab=models",
      "audit log in the settings": "/settings?tab=audit",
      runbooks: "/runbooks",
      "runbooks without a match": "/runbooks?q=nothing+like+this&tag=none",
      runbook: `/runbooks/${runbook}`,
      "new runbook": "/runbooks/new",
      "no such runbook": "/runbooks/nope",
      integrations: "/integrations",
      "an integration that is not connected": "/integrations/github",
      "connect an integration": "/integrations/gitlab/connect?auth=oauth2",
      "no such page": "/nowhere",
      "no such repository": "/repositories/nope",
    }))
      addresses.set(screen, product.url + path);
    addresses.set("first screen", `${empty.url}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await empty?.[Symbol.asyncDispose]();
    shop?.[Symbol.dispose]();
  });

  /** What is on the screen is there: nothing loads any more. */
  async function quiet(page: Page): Promise<void> {
    await page.locator("h1, [role=dialog]").first().waitFor({ state: "attached" });
    await expect.poll(() => page.locator("[role=status][aria-label^=Lo], .animate-pulse").count()).toBe(0);
    if (page.url().includes("open=") && !page.url().includes("view=")) await page.locator("[data-settled]").waitFor();
  }

  test.each([
    ["light", 1440],
    ["dark", 1440],
    ["light", 400],
    ["dark", 400],
  ] as const)("axe finds nothing on any screen (%s, %i px wide)", async (colorScheme, width) => {
    const found: Record<string, string[]> = {};
    let looked = 0;
    // One page goes to every address: a whole document each time, whose scripts the browser has already compiled.
    await using at = await visit(browser, product.url, { colorScheme, viewport: { width, height: 900 } });
    for (const [screen, address] of addresses) {
      if (width < 1000 && !narrow.has(screen)) continue;
      await at.page.goto(address);
      await quiet(at.page);
      const violations = await axeViolations(at.page);
      looked += 1;
      if (violations.length > 0) found[screen] = violations;
      if (at.errors.length > 0) found[`${screen}: console`] = at.errors.splice(0);
    }
    expect(looked).toBe(width < 1000 ? narrow.size : addresses.size);
    expect(found).toEqual({});
  });

  test.each(["light", "dark"] as const)("axe finds nothing on what opens over a screen (%s)", async (colorScheme) => {
    const found: Record<string, string[]> = {};
    const look = async (what: string, page: Page): Promise<void> => {
      const violations = await axeViolations(page);
      if (violations.length > 0) found[what] = violations;
    };
    await using at = await visit(browser, product.url, { colorScheme });
    const { page } = at;
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("charge");
    await page.getByRole("option").first().waitFor();
    await look("palette", page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await look("shortcuts", page);
    await page.goto(addresses.get("repository") ?? "");
    for (const action of ["Change branch", "Remove"]) {
      await page.getByRole("button", { name: action }).click();
      await page.getByRole("dialog").waitFor();
      await look(action, page);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.goto(`${product.url}/settings`);
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("dialog").waitFor();
    await look("new key", page);
    await page.goto(`${product.url}/explore`);
    await page.getByRole("combobox", { name: "Search the graph" }).fill("report");
    await page.getByRole("option").first().waitFor();
    await look("search results", page);
    expect(found).toEqual({});
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing on the forms and dialogs of an incident, a runbook and the settings (%s)",
    async (colorScheme) => {
      const found: Record<string, string[]> = {};
      await using at = await visit(browser, product.url, { colorScheme });
      const { page } = at;
      for (const [screen, button, dialog] of [
        ["incident", "Change the title", false],
        ["incident", "Change what is known", false],
        ["incident", "Change the affected services", false],
        ["evidence of an incident", "Add evidence", false],
        ["evidence of an incident", /^Change “/, false],
        ["evidence of an incident", /^Remove “/, true],
        ["evidence of an incident", "Show it large", true],
        ["timeline of an incident", "Add entry", false],
        ["hypotheses of an incident", "Add my own", false],
        ["actions of an incident", "Add action", false],
        ["postmortem of an incident", "Versions", true],
        ["postmortem of an incident", "Edit", false],
        ["runbook", "Edit", false],
        ["runbook", "Remove", true],
        ["settings", "New key", true],
        ["people in the settings", "Invite", true],
        ["identity providers in the settings", "Add provider", true],
        ["identity providers in the settings", "Remove Acme", true],
        ["models in the settings", "Add provider", true],
        ["models in the settings", "Change Ollama", true],
      ] as const) {
        await page.goto(addresses.get(screen) ?? "");
        await quiet(page);
        const opener = page
          .getByRole("button", typeof button === "string" ? { name: button, exact: true } : { name: button })
          .first();
        await opener.focus();
        await page.keyboard.press("Enter");
        await page
          .locator(dialog ? "[role=dialog]" : "#main form, #main textarea, #main [list], #main input")
          .first()
          .waitFor();
        const violations = await axeViolations(page);
        if (violations.length > 0) found[`${screen}: ${String(button)}`] = violations;
        if (!dialog) continue;
        await page.keyboard.press("Escape");
        await page.locator("[role=dialog]").waitFor({ state: "detached" });
        // Back to where one was, not to the top of the page.
        await expect.poll(() => opener.evaluate((element) => element.matches(":focus"))).toBe(true);
      }
      expect(at.errors).toEqual([]);
      expect(found).toEqual({});
    },
  );

  test("an incident is declared, and its timeline written to, without a mouse", async () => {
    await using at = await visit(browser, `${product.url}/incidents`);
    const { page } = at;
    await page.getByRole("list", { name: "Incidents" }).waitFor();
    await page.keyboard.press("c");
    await page.getByLabel("What is wrong?").waitFor();
    await expect
      .poll(() => page.getByLabel("What is wrong?").evaluate((element) => element.matches(":focus")))
      .toBe(true);
    await page.keyboard.type("Keys alone");
    await tabTo(page, /^High/);
    await page.keyboard.press("Enter");
    await tabTo(page, /Declare incident/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Keys alone" }).waitFor();
    await expect.poll(() => page.getByLabel("Severity").inputValue()).toBe("high");
    await page.keyboard.press("2");
    await page.waitForURL(/part=timeline/);
    await tabTo(page, /Add entry/);
    await page.keyboard.press("Enter");
    await page.getByLabel("What happened").waitFor();
    await page.keyboard.type("Somebody typed");
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Timeline" }).getByText("Somebody typed").waitFor();
    await page.getByRole("button", { name: "Remove “Somebody typed”" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Somebody typed").waitFor({ state: "detached" });
    expect(at.errors).toEqual([]);
  });

  test("the way from a search to the evidence of an edge needs no mouse", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.waitForURL(/\/explore/);
    await page.locator("#explore-search:focus").waitFor();
    await page.keyboard.type("checkout");
    await page
      .getByRole("option", { name: /checkout/ })
      .first()
      .waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Node" }).waitFor();
    await tabTo(page, /calls.*charge/);
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Edge" }).waitFor();
    await tabTo(page, /src\/cart\.ts:13/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/source\?.*lines=13/);
  });

  test("every stop of the tab key can be seen, and the first one skips the navigation", async () => {
    await using at = await visit(browser, product.url);
    const { page } = at;
    await quiet(page);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toMatch(/Skip to content/);
    for (let stop = 0; stop < 25; stop += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.locator(":focus").evaluate((element) => {
        const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView.getComputedStyle(element);
        return `${outlineStyle} ${outlineWidth}`;
      });
      expect(`${await focused(page)}: ${outline}`).toMatch(/: (solid|auto) [1-9]/);
    }
  });

  test("the arrow keys walk the canvas and Enter opens a node", async () => {
    await using at = await visit(browser, addresses.get("graph") ?? "");
    const { page } = at;
    await page.locator("[data-settled]").waitFor();
    await page.getByTestId("canvas").focus();
    const before = new URL(page.url()).searchParams.get("select");
    for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]) {
      await page.keyboard.press(key);
      // Where nothing lies on that side the address stays, and the next key is tried.
      const moves = page.waitForURL((url) => url.searchParams.get("select") !== before, { timeout: 20_000 });
      if (
        await moves.then(
          () => true,
          () => false,
        )
      )
        break;
    }
    expect(new URL(page.url()).searchParams.get("select")).not.toBe(before);
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("open")?.split(",").length).toBe(2);
  });

  async function send(url: string, body: object): Promise<{ id: string }> {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  }

  /** What a screenshot shows, drawn by the browser itself. */
  async function dashboardPicture(by: Browser): Promise<Uint8Array<ArrayBuffer>> {
    const context = await by.newContext({ viewport: { width: 700, height: 260 } });
    const drawn = await context.newPage();
    await drawn.setContent(
      `<body style="font: 28px sans-serif; padding: 24px"><h1>Payments</h1><p>Error rate 5.1 %</p><p>503 Service Unavailable</p></body>`,
    );
    const picture = new Uint8Array(await drawn.screenshot());
    await context.close();
    return picture;
  }

  const focused = async (page: Page): Promise<string> => {
    const element = page.locator(":focus");
    return (await element.getAttribute("aria-label")) ?? (await element.textContent()) ?? "";
  };

  async function tabTo(page: Page, name: RegExp): Promise<void> {
    for (let times = 0; times < 80; times += 1) {
      await page.keyboard.press("Tab");
      const stop = page.locator("button:focus, a:focus");
      if ((await stop.count()) > 0 && name.test((await stop.textContent()) ?? "")) return;
    }
    throw new Error(`The tab key never came to ${name}.`);
  }
});
