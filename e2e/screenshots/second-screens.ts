// More kinds of screen, laid out unlike the first ones: log search, dense panels with legends, status page, workloads, very large letters.
import { failures } from "./invented-content.ts";
import { chart, distinct, failureLine, figure, frame, is, type Template } from "./screen-parts.ts";

const logSearch: Template = (c, look) => {
  const service = c.service();
  const texts = [
    () => `Connection to ${c.service()} refused after ${c.whole(2, 30)} s`,
    () => `Order ${c.whole(10_000, 99_999)} placed`,
    () => `Retry ${c.whole(1, 5)} of 5 for payment ${c.id(6)}`,
    () => `NullPointerException: customer is null`,
    () => `Slow query (${c.whole(1200, 9000)} ms): select * from orders`,
  ];
  const rows = Array.from({ length: 11 }, () => {
    const text = c.pick(texts)();
    return { at: `Nov 21, 2026 @ ${c.clock()}.${c.whole(100, 999)}`, bad: /refused|Exception/.test(text), text };
  });
  const day = "Nov 21, 2026 @";
  return {
    kind: "terminal",
    html: frame(
      look,
      `header{display:flex;gap:12px;padding:8px 12px;border-bottom:1px solid #8885} .q{flex:1;border:1px solid #8886;border-radius:5px;padding:4px 10px} .bars{display:flex;gap:3px;align-items:flex-end;height:70px;padding:6px 60px}
       .bars i{flex:1;background:${look.accent}} td{padding:5px 12px;vertical-align:top;font-size:${look.size - 1}px} .t{white-space:nowrap;width:1%} .hits{padding:6px 12px;font-weight:600}`,
      `<header><div class="q">service.name : "${is("service", service)}" and not log.level : "debug"</div><div>${is("range", `${day} 13:00:00.000 → ${day} 14:00:00.000`)}</div></header>
       <div class="hits">${c.whole(1, 9)},${c.whole(100, 999)} hits</div><div class="bars">${Array.from({ length: 40 }, () => `<i style="height:${c.whole(8, 100)}%"></i>`).join("")}</div>
       <table><tr><th>@timestamp</th><th>service.name</th><th>message</th></tr>${rows.map(({ at, bad, text }) => `<tr><td class="t mono">${at}</td><td class="t">${service}</td><td>${bad ? is("error", text) : text}</td></tr>`).join("")}</table>`,
    ),
  };
};

const dense: Template = (c, look) => {
  const [panel, line] = look.dark ? ["#1f1f20", "#333437"] : ["#ffffff", "#dfe1e6"];
  const series = distinct(3, () => c.service(), (name) => name); // prettier-ignore
  const legend = (unit: string): string =>
    `<table class="l"><tr><th>Name</th><th>Mean</th><th>Max</th></tr>${series
      .map(
        (name) =>
          `<tr><td>${is("service", name)}</td><td>${figure(`${name} Mean`, `${c.whole(20, 99)} ${unit}`)}</td><td>${figure(`${name} Max`, `${c.whole(100, 900)} ${unit}`)}</td></tr>`,
      )
      .join("")}</table>`;
  const stat = (label: string, value: string): string =>
    `<div class="p"><h3>${is("panel", label)}</h3><div class="v">${figure(label, value)}</div><div class="s">vs. yesterday</div></div>`;
  const rate = `${(c.whole(11, 99) / 10).toFixed(1)}%`;
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{padding:8px 12px;display:flex;gap:20px;align-items:center} h1{font-size:${look.size * 1.4}px;margin:0;font-weight:600} .f{border:1px solid ${line};padding:2px 8px;font-size:${look.size - 1}px}
       .g{display:grid;grid-template-columns:repeat(6,1fr);gap:6px;padding:6px} .p{background:${panel};border:1px solid ${line};padding:6px 8px} .w{grid-column:span 3} h3{margin:0;font-size:${look.size - 1}px;font-weight:600}
       .v{font-size:${look.size * 2}px;padding:4px 0} .s{opacity:.8;font-size:${look.size - 2}px} .l td,.l th{padding:1px 6px;border:0;font-size:${look.size - 2}px}`,
      `<header><h1>${is("title", `Platform / ${c.pick(["Checkout", "Payments", "Search"])}`)}</h1><span class="f">env: production</span><span class="f">region: eu-west-1</span><span style="margin-left:auto" class="f">${is("range", c.pick(["Last 3 hours", "Last 30 minutes", "Last 2 days"]))}</span></header>
       <div class="g">${stat("Error rate", rate)}${stat("Failed requests", `${c.whole(20, 900)} /min`)}${stat("p50", `${c.whole(9, 90)} ms`)}${stat("p99", `${c.whole(200, 990)} ms`)}${stat("Apdex", `0.${c.whole(51, 98)}`)}${stat("Uptime", `${c.whole(2, 80)} days`)}
       <div class="p w"><h3>${is("panel", "Latency p95")}</h3>${chart(c, look, series, (n) => `${n * 250} ms`)}${legend("ms")}</div>
       <div class="p w"><h3>${is("panel", "Error rate by service")}</h3>${chart(c, look, series, (n) => `${(n * 2.5).toFixed(1)}%`)}${legend("req/s")}</div></div>`,
    ),
  };
};

const hero: Template = (c, look) => {
  const [code, text] = c.pick([
    ["503", "Service Unavailable"],
    ["500", "Internal Server Error"],
    ["404", "Page Not Found"],
    ["504", "Gateway Timeout"],
  ] as const);
  const service = c.service();
  return {
    kind: "error_screen",
    html: frame(
      look,
      `main{text-align:center;padding-top:6vh} .c{font-size:${look.size * 15}px;line-height:1;font-weight:700;color:${look.accent}} h2{font-size:${look.size * 2.6}px;margin:10px}`,
      `<main><div class="c">${is("title", code)}</div><h2>${is("error", text)}</h2><p>We could not reach <b>${is("service", service)}</b>. Our team has been told about it.</p><p class="mono">Reference ${c.id(12)} · ${c.clock()} UTC</p></main>`,
    ),
  };
};

const statusPage: Template = (c, look) => {
  const parts = distinct(6, () => c.service(), (name) => name); // prettier-ignore
  return {
    kind: "unknown",
    html: frame(
      look,
      `main{max-width:760px;margin:0 auto;padding:24px} .b{background:#c2410c;color:#fff;padding:12px 16px;border-radius:4px;font-weight:600;font-size:${look.size * 1.2}px} .r{display:flex;justify-content:space-between;padding:8px 14px;border:1px solid #8884;border-top:0}
       h1{font-size:${look.size * 1.8}px} h2{font-size:${look.size * 1.3}px;margin:18px 0 6px}`,
      `<main><h1>${is("title", "Acme Shop Status")}</h1><div class="b">Partial System Outage</div><h2>Components</h2><div style="border-top:1px solid #8884">${parts
        .map((name) => {
          const bad = c.random() < 0.3;
          return `<div class="r"><span>${is("service", name)}</span><span>${figure(name, `99.${c.whole(10, 99)} %`)} uptime</span><span style="color:${bad ? "#dc2626" : look.dark ? "#4ade80" : "#15803d"}">${bad ? "Major Outage" : "Operational"}</span></div>`;
        })
        .join(
          "",
        )}</div><h2>Past incidents</h2><b>Nov 21, 2026</b><p><b>Investigating</b> - ${is("error", `Requests to ${parts[0] ?? ""} are failing with timeouts.`)} <span style="opacity:.8">${c.clock()} UTC</span></p></main>`,
    ),
  };
};

const workloads: Template = (c, look) => {
  const [card, line] = look.dark ? ["#20262d", "#39424d"] : ["#ffffff", "#e0e4e8"];
  const pods = distinct(7, () => c.service(), (name) => name); // prettier-ignore
  const gauge = (label: string, value: string): string =>
    `<div class="c"><div class="v">${figure(label, value)}</div><div>${is("panel", label)}</div></div>`;
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{background:#326ce5;color:#fff;padding:10px 16px;font-weight:600} .g{display:flex;gap:10px;padding:12px 16px} .c{flex:1;background:${card};border:1px solid ${line};border-radius:4px;padding:12px;text-align:center} .v{font-size:${look.size * 2}px;font-weight:600}
       main{padding:0 16px} h1{font-size:${look.size * 1.3}px} .x{color:${look.dark ? "#f87171" : "#b91c1c"}}`,
      `<header>Kubernetes &nbsp; Workloads &nbsp; production</header><div class="g">${gauge("CPU usage", `${c.whole(30, 97)}%`)}${gauge("Memory usage", `${(c.whole(20, 90) / 10).toFixed(1)} GiB`)}${gauge("Pods running", String(c.whole(30, 90)))}</div>
       <main><h1>${is("title", "Pods")}</h1><table><tr><th>Name</th><th>Namespace</th><th>Status</th><th>CPU</th><th>Memory</th><th>Restarts</th></tr>${pods
         .map((name) => {
           const state = c.pick(["Running", "Running", "CrashLoopBackOff", "OOMKilled"]);
           return `<tr><td>${is("service", name)}</td><td>shop</td><td>${state === "Running" ? state : `<span class="x">${is("error", state)}</span>`}</td><td>${figure(`${name} CPU`, `${c.whole(10, 99)}m`)}</td><td>${figure(`${name} Memory`, `${c.whole(90, 900)} MiB`)}</td><td>${c.whole(0, 30)}</td></tr>`;
         })
         .join("")}</table></main>`,
    ),
  };
};

const germanCards: Template = (c, look) => {
  const [card, line] = look.dark ? ["#262b33", "#3d4450"] : ["#ffffff", "#dde1e7"];
  const names = distinct(4, () => c.service(), (name) => name); // prettier-ignore
  const stat = (label: string, value: string): string =>
    `<div class="p"><div>${is("panel", label)}</div><div class="v">${figure(label, value)}</div></div>`;
  const message = c.pick([
    "Fehler: Verbindung zur Datenbank abgelehnt",
    "Fehler beim Laden der Bestellungen: Zeitüberschreitung",
  ]);
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{display:flex;justify-content:space-between;padding:12px 18px} h1{margin:0;font-size:${look.size * 1.5}px} .g{display:grid;grid-template-columns:repeat(4,1fr);gap:10px;padding:0 18px} .p{background:${card};border:1px solid ${line};border-radius:6px;padding:10px 14px} .v{font-size:${look.size * 2.2}px;font-weight:600}
       section{margin:14px 18px} .e{border-left:4px solid #dc2626;padding:8px 12px}`,
      `<header><h1>${is("title", "Übersicht Bestellungen")}</h1><div>${is("range", c.pick(["Letzte 6 Stunden", "Letzte 24 Stunden"]))}</div></header>
       <div class="g">${stat("Fehlerrate", `${c.whole(1, 9)},${c.whole(1, 9)} %`)}${stat("Antwortzeit", `${c.whole(120, 980)} ms`)}${stat("Auslastung", `${c.whole(20, 98)} %`)}${stat("Speicher", `${c.whole(1, 9)},${c.whole(1, 9)} GB`)}</div>
       <section class="e">${is("error", message)}</section>
       <section><table><tr><th>Dienst</th><th>Zustand</th><th>Anfragen</th></tr>${names.map((name) => `<tr><td>${is("service", name)}</td><td>${c.pick(["in Ordnung", "gestört"])}</td><td>${figure(`${name} Anfragen`, `${c.whole(20, 900)} req/s`)}</td></tr>`).join("")}</table></section>`,
    ),
  };
};

const composeLogs: Template = (c, look) => {
  const names = distinct(3, () => c.service(), (name) => name); // prettier-ignore
  const failure = c.pick(failures)(c);
  const wide = Math.max(...names.map((name) => name.length)) + 4;
  const say = (name: string, text: string): string =>
    `<span class="n">${is("service", name)}-1${" ".repeat(wide - name.length)}| </span>${text}`;
  const ok = (): string => `level=info msg="request done" status=200 took=${c.whole(8, 90)}ms`;
  return {
    kind: "terminal",
    html: frame(
      look,
      `body{background:${look.dark ? "#282a36" : "#fafafa"};padding:0} .tabs{background:${look.dark ? "#191a21" : "#d7d9dc"};padding:7px 14px;font-size:${look.size - 1}px} pre{padding:10px;color:${look.dark ? "#f8f8f2" : "#30343b"}} .n{color:${look.dark ? "#8be9fd" : "#0b6bcb"}} .e{color:${look.dark ? "#ff6e6e" : "#b3261e"}}`,
      `<div class="tabs">acme-shop — docker compose logs</div><pre>$ docker compose logs -f --tail 20\n${[
        say(names[0] ?? "", ok()),
        say(names[1] ?? "", ok()),
        say(names[1] ?? "", `level=error msg="${is("error", "upstream unavailable")}" upstream=${names[2] ?? ""}`),
        ...failure.lines.map((line) => say(names[2] ?? "", failureLine(line, failure.message, (text) => `<span class="e">${text}</span>`))),
        say(names[0] ?? "", ok()),
      ].join("\n")}\n</pre>`, // prettier-ignore
    ),
  };
};

export const secondTemplates: Readonly<Record<string, Template>> = {
  "log-search": logSearch, dense, hero, "status-page": statusPage, workloads, german: germanCards, compose: composeLogs,
}; // prettier-ignore
