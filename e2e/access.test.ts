// A person on a server that asks who they are: the set-up link from the terminal, an invitation, signing in and out, in a real browser.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasBrowser, launchBrowser } from "./testing/browser.ts";
import { axeViolations, visit } from "./testing/page.ts";
import { type Product, startProduct } from "./testing/product.ts";

const password = "nine green bottles";

describe.skipIf(!hasBrowser())("access", () => {
  let browser: Browser;
  let product: Product;
  const axe: Record<string, string[]> = {};
  let viewerKey = "";
  beforeAll(async () => {
    [browser, product] = await Promise.all([launchBrowser(), startProduct({ ENABLE_AUTH: "true" })]);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
  });

  test("the link in the terminal makes the first account, and opens once", async () => {
    const link = /\/join#\S+/.exec(product.output())?.[0] ?? "";
    await using at = await visit(browser, `${product.url}${link}`);
    const { page } = at;
    await page.getByRole("heading", { name: "Set up OpenTrace" }).waitFor();
    await expect.poll(() => page.url()).not.toContain("otl_");
    axe["set up"] = await axeViolations(page);
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Make the account" }).click();
    await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).waitFor();
    axe["signed in"] = await axeViolations(page);
    await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to OpenTrace" }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.goto(`${product.url}/nowhere`);
    await page.goto(`${product.url}${link}`);
    await page.getByRole("heading", { name: "This link does not open" }).waitFor();
    expect(at.errors).toEqual([]);
  });

  test("a password opens the server, a wrong one says so, and the session outlives a reload", async () => {
    await using at = await visit(browser, product.url, { colorScheme: "dark" });
    const { page } = at;
    await page.getByRole("heading", { name: "Sign in to OpenTrace" }).waitFor();
    axe["sign in, dark"] = await axeViolations(page);
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password").fill("something else");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).waitFor();
    // A change goes through with the cookie alone.
    await page.goto(`${product.url}/settings`);
    await page.getByRole("button", { name: "New key" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("ci");
    await page.getByRole("dialog").getByRole("button", { name: "Make key" }).click();
    viewerKey = await page.getByRole("dialog").getByTestId("new-key").innerText();
    expect(at.errors).toEqual([]);
  });

  test("who may only look is offered nothing that would be refused, and is told why", async () => {
    await using admin = await visit(browser, product.url);
    await admin.page.getByLabel("E-mail").fill("ada@example.org");
    await admin.page.getByLabel("Password").fill(password);
    await admin.page.keyboard.press("Enter");
    await admin.page.getByRole("button", { name: "Signed in as Ada Lovelace" }).waitFor();
    await admin.page.goto(`${product.url}/incidents/new`);
    await admin.page.getByLabel("What is wrong?").fill("Lights are off");
    await admin.page.getByRole("button", { name: "Declare incident" }).click();
    await admin.page.waitForURL(/INC-1$/);
    await admin.page.getByRole("button", { name: "Change the title" }).waitFor();

    await using at = await visit(browser, product.url);
    const { page } = at;
    await page.evaluate(`sessionStorage.setItem("opentrace.key", "${viewerKey}")`);
    await page.goto(`${product.url}/incidents`);
    await page.getByRole("link", { name: "Lights are off" }).waitFor();
    await expect.poll(() => page.getByRole("link", { name: "Declare incident" }).count()).toBe(0);
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(0);
    axe["list, looking only"] = await axeViolations(page);
    await page.getByRole("link", { name: "Lights are off" }).click();
    await page.getByText(/This API key may look at incidents, not change them/).waitFor();
    const parts = page.getByRole("navigation", { name: "Parts of this incident" });
    for (const [part, word] of [
      ["Overview", "No evidence yet"],
      ["Timeline", "entries"],
      ["Evidence", "Nothing here yet"],
      ["Hypotheses", "Nobody has looked for causes yet"],
      ["Actions", "Nothing to do is written down"],
      ["Runbooks", "No runbook fits"],
      ["Postmortem", "There is no postmortem yet"],
    ] as const) {
      await parts.getByRole("link", { name: part }).click();
      await page.getByText(word).first().waitFor();
      const offered = await page.locator("#main").getByRole("button").allInnerTexts();
      // What is left only changes what is shown.
      expect(offered.filter((text) => /add|build|look for|draft|write|upload|change/i.test(text))).toEqual([]);
      expect(
        await page
          .locator("#main")
          .getByRole("button", { name: /^Change/ })
          .count(),
      ).toBe(0);
    }
    axe["incident, looking only"] = await axeViolations(page);
    for (const [address, words] of [
      ["/incidents/new", "You may not declare incidents"],
      ["/add", "You may not add repositories"],
      ["/runbooks/new", "You may not write runbooks"],
      ["/integrations/github/connect", "You may not connect integrations"],
    ] as const) {
      await page.goto(product.url + address);
      await page.getByText(words).waitFor();
    }
    await page.goto(`${product.url}/settings`);
    await page.getByRole("region", { name: "Appearance" }).waitFor();
    await expect.poll(() => page.getByRole("group", { name: "Part of the settings" }).count()).toBe(0);
    expect(at.errors).toEqual([]);
  });

  test("an application is allowed to act for somebody, who signs in on the way", async () => {
    const registered = await fetch(`${product.url}/api/v1/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "An assistant",
        redirect_uris: ["http://127.0.0.1:9/back"],
        application_type: "native",
      }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const query = new URLSearchParams({
      client_id,
      response_type: "code",
      redirect_uri: "http://127.0.0.1:9/back",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
      state: "here",
    });
    await using at = await visit(browser, `${product.url}/api/v1/auth/authorize?${query.toString()}`);
    const { page } = at;
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Allow An assistant?" }).waitFor();
    axe["allow"] = await axeViolations(page);
    const back = page.waitForRequest(/127\.0\.0\.1:9\/back/);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    const went = new URL((await back).url());
    expect(went.searchParams.get("state")).toBe("here");
    expect(went.searchParams.get("code")).toBeTruthy();
  });

  test("the settings show people, sessions, the use of keys and the audit log", async () => {
    await using at = await visit(browser, `${product.url}/settings`);
    const { page } = at;
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("this one").waitFor();
    axe["settings"] = await axeViolations(page);
    await page.getByRole("button", { name: "Use of ci" }).click();
    await page
      .getByRole("dialog")
      .getByText(/requests, .* failed/)
      .waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
    await expect.poll(() => page.getByRole("dialog").getByTestId("rotated-key").innerText()).toMatch(/^otk_[\w-]{43}$/);
    axe["use of a key"] = await axeViolations(page);
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "People" }).click();
    await page.waitForURL(/tab=people/);
    await page.getByRole("button", { name: "Disable Ada Lovelace" }).click();
    await page
      .getByRole("alert")
      .getByText(/last administrator/)
      .waitFor();
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("dialog").getByLabel("E-mail").fill("bo@example.org");
    await page.getByRole("dialog").getByLabel("Role").selectOption("responder");
    await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
    await expect.poll(() => page.getByTestId("new-link").innerText()).toMatch(/\/join#otl_[\w-]{43}$/);
    await page.getByRole("dialog").getByRole("button", { name: "Done" }).click();
    await page.getByText(/Invited: bo@example.org/).waitFor();
    axe["people"] = await axeViolations(page);

    await page.getByRole("button", { name: "Audit log" }).click();
    await page.getByLabel("What").fill("users");
    await page.getByRole("list", { name: "Audit records" }).getByText("users.invite").first().waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    axe["audit log, dark"] = await axeViolations(page);
    expect(at.errors).toEqual([]);
  });

  test("an identity provider is added with its callback address and its groups, switched off, changed and removed", async () => {
    await using at = await visit(browser, `${product.url}/settings?tab=sign-in`);
    const { page } = at;
    await page.getByLabel("E-mail").fill("ada@example.org");
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("No identity provider").waitFor();
    await page.getByRole("button", { name: "Add provider" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.getByText("It needs an address that begins with https://.").waitFor();
    await dialog.getByLabel("Name").fill("Acme");
    await dialog.getByLabel("Issuer").fill("https://login.invalid");
    await dialog.getByLabel("Client ID").fill("opentrace");
    await dialog.getByLabel("Client secret").fill("canary-secret-of-acme");
    await dialog.getByRole("button", { name: "Add a group" }).click();
    await dialog.getByLabel("Group", { exact: true }).fill("sre");
    await dialog.getByLabel("Role", { exact: true }).selectOption("admin");
    await dialog.getByLabel("Everybody else").selectOption("does not get in");
    axe["identity provider, form"] = await axeViolations(page);
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const acme = page.getByRole("listitem", { name: "Acme" });
    await acme.getByText("Now register this callback address at Acme").waitFor();
    const callback = await acme.getByText(/\/api\/v1\/auth\/sso\/idp_[\w-]+\/callback$/).innerText();
    expect(callback.startsWith(product.url)).toBe(true);
    await acme.getByText("By groups: sre → admin; others don’t get in").waitFor();
    axe["identity providers"] = await axeViolations(page);
    expect(await page.content()).not.toContain("canary-secret-of-acme");
    await acme.getByRole("button", { name: "Test Acme" }).click();
    await dialog.getByText("It does not answer as it should.").waitFor();
    axe["test of an identity provider"] = await axeViolations(page);
    await dialog.getByRole("button", { name: "Done" }).click();
    await dialog.waitFor({ state: "detached" });
    const offered = async (): Promise<string[]> => {
      const answer = await fetch(`${product.url}/api/v1/auth/methods`);
      return ((await answer.json()) as { providers: { name: string }[] }).providers.map(({ name }) => name);
    };
    await expect.poll(offered).toEqual(["Acme"]);
    await acme.getByRole("button", { name: "Switch off Acme" }).click();
    await acme.getByRole("button", { name: "Switch on Acme" }).waitFor();
    await expect.poll(offered).toEqual([]);
    await acme.getByRole("button", { name: "Change Acme" }).click();
    await dialog.getByLabel("Issuer").fill("https://elsewhere.example.com");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/Give the secret again/).waitFor();
    await dialog.getByLabel("Issuer").fill("https://login.invalid");
    await dialog.getByRole("button", { name: "Take out group sre" }).click();
    await dialog.getByLabel("Everybody", { exact: true }).selectOption("viewer");
    await dialog.getByRole("button", { name: "Save" }).click();
    await acme.getByText("everybody → viewer").waitFor();
    await acme.getByRole("button", { name: "Remove Acme" }).click();
    await dialog.getByLabel(/Type/).fill("Acme");
    await page.emulateMedia({ colorScheme: "dark" });
    axe["remove an identity provider, dark"] = await axeViolations(page);
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("No identity provider").waitFor();
    expect(at.errors).toEqual([]);
  });

  test("its pages have no accessibility violation", () => {
    expect(Object.keys(axe).length).toBeGreaterThan(2);
    for (const [page, violations] of Object.entries(axe)) expect(violations, page).toEqual([]);
  });
});
