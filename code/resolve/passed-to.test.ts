import { expect, test } from "vitest";
import { loadLower } from "../languages/registry.ts";
import { calleesOfAnonymous } from "./passed-to.ts";

const typescript = await loadLower("typescript");
const python = await loadLower("python");
const go = await loadLower("go");

test.each([
  [
    typescript,
    "a.js",
    `import app from "x"\napp.get("/", () => {})\napp.route("/").post(async function () {})\n`,
    ["<anonymous1>: app.get", "<anonymous2>: app.route().post"],
  ],
  [
    typescript,
    "b.ts",
    `describe("b", () => { it("works", function () {}) })\nmixin(class extends Base {})\n`,
    ["<anonymous1>.<anonymous1>: it", "<anonymous1>: describe", "<anonymous2>: mixin"],
  ],
  [typescript, "c.ts", `const named = () => {}\nrun(named)\nconst made = (() => 1)()\nrun(function own() {})\n`, []],
  [python, "d.py", `rows.sort(key=lambda row: row.id)\n`, ["<lambda1>: rows.sort"]],
  [
    go,
    "e.go",
    `package e\nfunc Serve() { http.HandleFunc("/", func(w W, r R) {}) }\n`,
    ["Serve.<anonymous1>: http.HandleFunc"],
  ],
])("an anonymous function is known by what it is passed to (%#)", (lower, path, source, expected) => {
  const ir = lower(source, path);
  const named = [...calleesOfAnonymous(ir)].map(([symbol, callee]) => `${ir.symbols[symbol]!.path}: ${callee}`);
  expect(named).toEqual(expected);
});
