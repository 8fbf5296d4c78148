import { describe, expect, it } from "vitest";
import { readMentions, samePath } from "./read-evidence.ts";

const frames = (text: string) =>
  readMentions(text).frames.map((one) => `${one.path}:${one.line} ${one.symbol ?? ""}`.trim());

describe("reading evidence", () => {
  it("reads stack frames of several languages", () => {
    expect(
      frames("Error: no\n    at async PayService.charge (file:///app/src/pay.ts:16:12)\n    at src/order.ts:9:3"),
    ).toEqual(["/app/src/pay.ts:16 PayService.charge", "src/order.ts:9"]);
    expect(frames('Traceback:\n  File "/app/shop/pay.py", line 12, in charge\n    raise X')).toEqual([
      "/app/shop/pay.py:12 charge",
    ]);
    expect(frames("main.(*Pay).Charge(0xc000, 0x1)\n\t/app/pay/pay.go:33 +0x1d")).toEqual([
      "/app/pay/pay.go:33 main.Pay.Charge",
    ]);
    expect(frames("\tat com.acme.Pay.charge(Pay.java:12)")).toEqual(["Pay.java:12 com.acme.Pay.charge"]);
  });

  it("reads what else is named", () => {
    const said = readMentions("After !7 and PR 12 (4f2a9c1d, v1.2.3) PayService.charge in config/app.yml broke");
    expect([...said.numbers]).toEqual(["7", "12"]);
    expect(said.shas).toEqual(["4f2a9c1d"]);
    expect([...said.versions]).toEqual(["1.2.3"]);
    expect(said.symbols).toContain("PayService.charge");
    expect(said.files).toContain("config/app.yml");
  });

  it("compares paths from the file upwards, and only whole ones", () => {
    expect(samePath("/app/src/pay.ts", "src/pay.ts")).toBe(2);
    expect(samePath("C:\\app\\src\\pay.ts", "src/pay.ts")).toBe(2);
    expect(samePath("pay.ts", "src/pay.ts")).toBe(1);
    expect(samePath("lib/pay.ts", "src/pay.ts")).toBe(0);
    expect(samePath("repay.ts", "src/pay.ts")).toBe(0);
  });

  it("reads hostile text in linear time", () => {
    const hostile = [
      "at ".repeat(60_000),
      "a.".repeat(90_000),
      `${"a/".repeat(90_000)}x`,
      "(".repeat(190_000),
      `File "${"x".repeat(190_000)}`,
      "f(".repeat(90_000),
      "-".repeat(190_000),
      "a-".repeat(95_000),
    ];
    const started = process.cpuUsage();
    for (const text of hostile) readMentions(text);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(8);
  });
});
