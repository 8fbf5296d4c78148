// Screens that no rule of the reading was made for: only measured, never looked at while rules are written. Other layouts, fonts, languages.
import { chart, distinct, escape, figure, frame, is, type Template } from "./screen-parts.ts";

const page: Template = (c, look) => {
  const service = c.service();
  const { label, value } = c.quantity();
  const people = ["Ana Ruiz", "Tom Becker", "Li Wei", "Sofia Rossi"];
  return {
    kind: "unknown",
    html: frame(
      look,
      `body{display:grid;grid-template-columns:1fr 280px} header{grid-column:span 2;background:#06ac38;color:#fff;padding:9px 18px} main{padding:16px 20px} aside{padding:16px;border-left:1px solid #8884;font-size:${look.size - 1}px} h1{font-size:${look.size * 1.5}px;margin:4px 0}
       .u{background:#b91c1c;color:#fff;padding:1px 8px;border-radius:3px;font-size:${look.size - 2}px} .t{display:flex;gap:14px;padding:5px 0;border-top:1px solid #8883}`,
      `<header>Incidents &nbsp;&nbsp; Services &nbsp;&nbsp; People &nbsp;&nbsp; Automation &nbsp;&nbsp; Analytics</header>
       <main><span class="u">TRIGGERED</span> <span class="u">HIGH</span><h1>${is("title", `${label} above threshold on ${is("service", service)}`)}</h1><p>Details: current value ${figure("current value", value)}, threshold crossed at ${c.clock()}</p>
       <h3>Timeline</h3>${Array.from({ length: 5 }, (_, index) => `<div class="t"><span>${String(9 + index)}:${c.whole(10, 59)} AM</span><span>${c.pick(people)} ${c.pick(["acknowledged the incident", "was notified by phone", "escalated to level 2", "added a note"])}</span></div>`).join("")}</main>
       <aside><b>Service</b><p>${service}</p><b>Assigned to</b><p>${c.pick(people)}</p><b>Urgency</b><p>High</p><b>Opened</b><p>Nov 21, 2026 at ${c.whole(1, 12)}:${c.whole(10, 59)} PM</p><b>Incident number</b><p>#${c.whole(10_000, 99_999)}</p></aside>`,
    ),
  };
};

const issue: Template = (c, look) => {
  const kinds = [
    ["ConnectionResetError", "[Errno 104] Connection reset by peer"],
    ["IntegrityError", "duplicate key value violates unique constraint"],
    ["KeyError", "'shipping_address'"],
    ["TimeoutError", "query did not finish within 30 seconds"],
  ] as const;
  const [kind, message] = c.pick(kinds);
  const file = c.pick(["orders/tasks.py", "billing/charge.py", "cart/views.py"]);
  const service = c.service();
  const [box, line] = look.dark ? ["#2b2233", "#413450"] : ["#faf9fb", "#e0dce5"];
  return {
    kind: "error_screen",
    html: frame(
      look,
      `main{padding:18px 22px} h1{font-size:${look.size * 1.6}px;margin:0} .k{display:flex;gap:40px;margin:10px 0} .k b{display:block;font-size:${look.size * 1.5}px} .f{background:${box};border:1px solid ${line};margin-top:-1px;padding:7px 12px} code{display:block;white-space:pre;padding-left:20px} .tag{border:1px solid ${line};border-radius:10px;padding:1px 9px;margin-right:8px;font-size:${look.size - 2}px}`,
      `<main><h1>${is("title", kind)}</h1><div>${is("error", escape(message))}</div><div class="k"><div>Events<b>${c.whole(20, 900)}</b></div><div>Users<b>${c.whole(3, 90)}</b></div><div>Last seen<b>${c.whole(2, 59)}min ago</b></div></div>
       <p><span class="tag">environment production</span><span class="tag">release 2026.11.${c.whole(1, 21)}</span><span class="tag">service: ${is("service", service)}</span></p><h3>Stack Trace</h3>
       ${["in process", "in submit", "in send"].map((name) => `<div class="f mono">${file} ${name} at line ${c.whole(20, 400)}<code>return self.client.post(url, timeout=${c.whole(2, 30)})</code></div>`).join("")}<div class="f mono">${kind}: ${escape(message)}</div></main>`,
    ),
  };
};

const widgets: Template = (c, look) => {
  const line = look.dark ? "#414d5c" : "#d5dbdb";
  const charts = distinct(4, () => c.quantity().label, (label) => label); // prettier-ignore
  const number = c.quantity();
  const second = c.quantity();
  const series = distinct(2, () => c.service(), (name) => name); // prettier-ignore
  const box = (title: string, inside: string): string =>
    `<div class="b"><div class="h">${is("panel", title)}</div>${inside}</div>`;
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{padding:10px 14px;display:flex;justify-content:space-between;align-items:center} h1{font-size:${look.size * 1.5}px;margin:0;font-weight:700} .g{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;padding:0 14px} .b{background:${look.dark ? "#192534" : "#fff"};border:1px solid ${line}} .h{padding:5px 9px;border-bottom:1px solid ${line};font-weight:700}
       .n{font-size:${look.size * 2.5}px;padding:16px 10px 0;line-height:1.1} .c{padding:0 10px 14px;font-size:${look.size - 1}px}`,
      `<header><h1>${is("title", `${c.pick(["shop-prod", "payments-eu", "edge"])}-dashboard`)}</h1><div>${is("range", "2026-11-21 10:00 – 2026-11-21 13:00")} &nbsp; UTC</div></header>
       <div class="g">${charts.slice(0, 2).map((label) => box(label, chart(c, look, series, (n) => `${n * 40}`))).join("")}${box(`${number.label} now`, `<div class="n">${figure(`${number.label} now`, number.value)}</div><div class="c">instance average</div>`)}
       ${charts.slice(2).map((label) => box(`${label} (sum)`, chart(c, look, series, (n) => `${n}.5k`))).join("")}${box(`${second.label} last hour`, `<div class="n">${figure(`${second.label} last hour`, second.value)}</div><div class="c">all regions</div>`)}</div>`,
    ),
  }; // prettier-ignore
};

const frenchBoard: Template = (c, look) => {
  const names = distinct(4, () => c.service(), (name) => name); // prettier-ignore
  const stat = (label: string, value: string): string =>
    `<div class="p"><div class="v">${figure(label, value)}</div><div class="l">${is("panel", label)}</div></div>`;
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{padding:14px 20px;border-bottom:2px solid ${look.accent};display:flex;justify-content:space-between} h1{margin:0;font-size:${look.size * 1.5}px} .g{display:flex;gap:30px;padding:16px 20px} .v{font-size:${look.size * 2.4}px;font-weight:700} .l{opacity:.85} section{padding:0 20px}`,
      `<header><h1>${is("title", "Suivi des commandes")}</h1><span>${is("range", c.pick(["Dernières 24 heures", "Dernières 6 heures"]))}</span></header>
       <div class="g">${stat("Taux d'erreur", `${c.whole(1, 9)},${c.whole(1, 9)} %`)}${stat("Temps de réponse", `${c.whole(120, 980)} ms`)}${stat("Mémoire utilisée", `${c.whole(30, 96)} %`)}${stat("Débit", `${c.whole(20, 900)} req/s`)}</div>
       <section><h2>Erreurs récentes</h2><table><tr><th>Heure</th><th>Service</th><th>Message</th></tr>${names.map((name) => `<tr><td>${c.clock()}</td><td>${is("service", name)}</td><td>${is("error", c.pick(["Erreur : connexion refusée par la base", "Délai d'attente dépassé", "Échec de l'authentification"]))}</td></tr>`).join("")}</table></section>`,
    ),
  };
};

const germanTerminal: Template = (c, look) => {
  const service = c.service();
  return {
    kind: "terminal",
    html: frame(
      look,
      `body{background:${look.dark ? "#0b2942" : "#fff"};padding:12px} pre{color:${look.dark ? "#d6deeb" : "#1f2430"}} .e{color:${look.dark ? "#ef5350" : "#b3261e"}}`,
      `<pre>PS C:\\Dienste> Get-Service ${is("service", service)}\n\nStatus   Name               DisplayName\n------   ----               -----------\nStopped  ${service.padEnd(18)} Acme ${service}\n\nPS C:\\Dienste> Start-Service ${service}\n<span class="e">${is("error", `Start-Service : Der Dienst "${service}" kann nicht gestartet werden.`)}</span>\nIn Zeile:1 Zeichen:1\n+ Start-Service ${service}\n    + CategoryInfo          : OpenError: (:ServiceController) [Start-Service]\n    + FullyQualifiedErrorId : CouldNotStartService\n\nPS C:\\Dienste> Get-Content .\\${service}.log -Tail 3\n21.11.2026 ${c.clock()} FEHLER ${is("error", "Verbindung zu db-01:5432 abgelehnt")}\n21.11.2026 ${c.clock()} WARNUNG Neuer Versuch in ${c.whole(5, 30)} s\n21.11.2026 ${c.clock()} FEHLER ${is("error", "Zeitlimit nach 30 s erreicht")}\n</pre>`,
    ),
  };
};

const edgeError: Template = (c, look) => {
  const code = c.pick(["521", "522", "523", "520"]);
  const text = { 521: "Web server is down", 522: "Connection timed out", 523: "Origin is unreachable", 520: "Web server is returning an unknown error" }[code]; // prettier-ignore
  return {
    kind: "error_screen",
    html: frame(
      look,
      `main{max-width:920px;margin:0 auto;padding:30px} h1{font-weight:300;font-size:${look.size * 3.6}px;margin:0} .s{display:flex;text-align:center;margin:26px 0;background:${look.dark ? "#1c1c1e" : "#ebebeb"};padding:22px} .s div{flex:1} .s b{display:block;font-size:${look.size * 1.4}px} .o{color:${look.dark ? "#9bca3e" : "#4d7c0f"}} .x{color:${look.dark ? "#ff6b6b" : "#bd2426"}}`,
      `<main><h1>${is("title", `Error ${code}`)}</h1><div>Ray ID: ${c.id(16)} · 2026-11-21 ${c.clock()} UTC</div><h2>${is("error", text ?? "")}</h2>
       <div class="s"><div><b>You</b>Browser<br><span class="o">Working</span></div><div><b>Frankfurt</b>Network<br><span class="o">Working</span></div><div><b>shop.example.com</b>Host<br><span class="x">Error</span></div></div>
       <h3>What happened?</h3><p>The initial connection between the network and the origin web server failed. As a result, the web page can not be displayed.</p></main>`,
    ),
  };
};

const phone: Template = (c, look) => {
  const items = distinct(6, () => c.quantity(), ({ label }) => label); // prettier-ignore
  const service = c.service();
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{padding:12px 14px;font-weight:700;font-size:${look.size * 1.3}px} .p{margin:8px 12px;padding:10px 14px;border-radius:12px;background:${look.dark ? "#1c1c1e" : "#fff"}} .v{font-size:${look.size * 2.1}px;font-weight:700} .l{opacity:.8;font-size:${look.size - 1}px}`,
      `<header>${is("title", is("service", service))}</header><div style="padding:0 14px">${is("range", "Past 24 hours")}</div>${items.map(({ label, value }) => `<div class="p"><div class="l">${is("panel", label)}</div><div class="v">${figure(label, value)}</div></div>`).join("")}`,
    ),
  };
};

const apm: Template = (c, look) => {
  const line = look.dark ? "#30363d" : "#e3e4e4";
  const names = distinct(6, () => c.service(), (name) => name); // prettier-ignore
  const top = distinct(4, () => c.quantity(), ({ label }) => label); // prettier-ignore
  return {
    kind: "dashboard",
    html: frame(
      look,
      `body{display:grid;grid-template-columns:170px 1fr} nav{border-right:1px solid ${line};padding:14px;font-size:${look.size - 1}px} nav div{padding:5px 0} main{padding:14px 18px} h1{font-size:${look.size * 1.4}px;margin:0} .k{display:flex;gap:0;border:1px solid ${line};margin:12px 0} .k>div{flex:1;padding:8px 12px;border-right:1px solid ${line}} .v{font-size:${look.size * 1.8}px;font-weight:600} td,th{padding:4px 8px;font-size:${look.size - 1}px}`,
      `<nav>${["Summary", "Service map", "Transactions", "Databases", "External services", "Errors inbox", "Logs", "Events"].map((item) => `<div>${item}</div>`).join("")}</nav>
       <main><div style="display:flex;justify-content:space-between"><h1>${is("title", `${is("service", names[0] ?? "")} (production)`)}</h1><span>${is("range", c.pick(["Since 30 minutes ago", "Since 3 hours ago"]))}</span></div>
       <div class="k">${top.map(({ label, value }) => `<div><div>${is("panel", label)}</div><div class="v">${figure(label, value)}</div></div>`).join("")}</div>
       <h3>${is("panel", "Web transactions time")}</h3><div style="width:62%">${chart(c, look, names.slice(0, 2), (n) => `${n * 100} ms`)}</div>
       <table><tr><th>Transaction</th><th>Calls</th><th>Avg duration</th><th>Error rate</th></tr>${names.map((name) => `<tr><td>${is("service", name)}</td><td>${c.whole(100, 9000)}</td><td>${figure(`${name} Avg duration`, `${c.whole(11, 900)} ms`)}</td><td>${figure(`${name} Error rate`, `${(c.whole(0, 90) / 10).toFixed(1)} %`)}</td></tr>`).join("")}</table></main>`,
    ),
  };
};

const eventLog: Template = (c, look) => {
  const service = c.service();
  const rows = Array.from({ length: 16 }, () => {
    const level = c.pick(["info", "info", "warn", "error"]);
    const text = level === "error" ? c.pick(["dial tcp: lookup cache on 10.96.0.10:53: no such host", "context canceled while writing response", "pq: too many connections for role app"]) : level === "warn" ? "slow request" : c.pick(["GET /healthz 200", "cache refreshed", "POST /v1/cart 201"]); // prettier-ignore
    return { level, text };
  });
  return {
    kind: "terminal",
    html: frame(
      look,
      `body{padding:8px 12px} pre{font-size:${look.size - 1}px;line-height:1.25} .e{color:${look.dark ? "#ff7b72" : "#cf222e"}} .d{opacity:.85}`,
      `<pre>$ stern ${is("service", service)} --since 10m --timestamps\n${rows.map(({ level, text }) => `<span class="d">2026-11-21T${c.clock()}.${c.whole(100, 999)}Z</span> ${level.padEnd(5)} ${level === "error" ? `<span class="e">${is("error", text)}</span>` : text} trace_id=${c.id(8)}`).join("\n")}\n</pre>`,
    ),
  };
};

export const heldOutTemplates: Readonly<Record<string, Template>> = {
  page, issue, widgets, french: frenchBoard, "german-terminal": germanTerminal, "edge-error": edgeError, phone, apm, "event-log": eventLog,
}; // prettier-ignore
