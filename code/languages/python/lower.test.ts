import { expect, test } from "vitest";
import { lowerPython } from "./lower.ts";

test("a module's classes, methods, functions and variables become symbols with unique paths", () => {
  const ir = lowerPython(`
LIMIT = 3

class Pay(Base):
    """Charges cards."""
    rate: float = 0.1

    def __init__(self, gateway):
        self.gateway = gateway

    @property
    def total(self): return 1

    @total.setter
    def total(self, value): pass

async def main(): ...
`);
  expect(ir.symbols.map(({ kind, path, flags }) => [kind, path, flags])).toEqual([
    ["Variable", "LIMIT", ["const"]],
    ["Class", "Pay", undefined],
    ["Variable", "Pay.rate", undefined],
    ["Method", "Pay.__init__", ["constructor"]],
    ["Variable", "Pay.gateway", undefined],
    ["Method", "Pay.total", ["getter"]],
    ["Method", "Pay.total~2", ["setter"]],
    ["Function", "main", ["async"]],
  ]);
  expect(ir.symbols[1]).toMatchObject({ doc: "Charges cards.", signature: "class Pay(Base)", visibility: "public" });
  expect(ir.problems).toBeUndefined();
});
