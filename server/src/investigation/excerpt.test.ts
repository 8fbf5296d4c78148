import { expect, it } from "vitest";
import { excerptOf } from "./excerpt.ts";

it("says what Markdown says, without its marks", () => {
  const body =
    "# Restore\n\n- [ ] Call **Grace** and _wait_ for `pg_ctl`\n1. Read [the status page](https://status.example)\n\n> Never alone.\n\n```sh\nsystemctl stop api\n```\n\n| who | when |\n| --- | --- |\n| Ada | night |\n\n<b>Then</b> &amp; only then";
  expect(excerptOf(body, undefined)).toBe(
    "Call Grace and wait for pg_ctl Read the status page Never alone. systemctl stop api who when Ada night Then & only then",
  );
  expect(excerptOf("# Only a heading", undefined)).toBe("Only a heading");
  expect(excerptOf("", undefined)).toBe("");
});

it("is the beginning, cut, or what stands around a word that was asked for", () => {
  const filling = "Look at the log and write down what it says. ".repeat(100);
  const body = `${filling}\n\n**Drain** the *primary* queue first, with \`drain --now\`. ${filling}`;
  expect(excerptOf(body, undefined)).toMatch(/^Look at the log .*…$/);
  expect(excerptOf(body, undefined).length).toBeLessThanOrEqual(202);
  const found = excerptOf(body, "PRIMARY nothing");
  expect(found).toMatch(/^….*Drain the primary queue first, with drain --now\..*…$/);
  expect(found).not.toMatch(/[*`]/);
  expect(excerptOf(body, "absent")).toMatch(/^Look at the log/);
});

it("reads only a part of a text, however long it is, and any text", () => {
  for (const body of ["*".repeat(200_000), "[".repeat(200_000), `${"a".repeat(200_000)} drain`, "\u0000\ud800"]) {
    expect(excerptOf(body, "drain").length).toBeLessThanOrEqual(202);
  }
});
