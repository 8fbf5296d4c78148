// The kinds of screen that people send with an incident, as HTML: dashboards, error pages, terminals, tables, in many looks.
import { failures } from "./invented-content.ts";
import { chart, distinct, escape, failureLine, figure, frame, is, type Template } from "./screen-parts.ts";

const grafana: Template = (c, look) => {
  const [panel, line] = look.dark ? ["#181b1f", "#25272c"] : ["#ffffff", "#d9dbde"];
  const service = c.service();
  const stats = distinct(
    4,
    () => c.quantity(),
    ({ label }) => label,
  );
  const charts = distinct(
    3,
    () => c.quantity().label,
    (label) => label,
  );
  const names = distinct(
    2,
    () => c.service(),
    (name) => name,
  );
  const title = `${service} overview`;
  const color = (): string => c.pick(look.dark ? ["#73bf69", "#f2495c", "#ff9830"] : ["#1a7f37", "#c4162a", "#b45309"]);
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{display:flex;justify-content:space-between;padding:10px 16px;background:${panel};border-bottom:1px solid ${line}}
       .grid{display:grid;grid-template-columns:repeat(4,1fr);gap:8px;padding:8px} .p{background:${panel};border:1px solid ${line};padding:8px 10px;border-radius:2px}
       .v{font-size:${look.size * 2.4}px;text-align:center;padding:14px 0;font-weight:500} .w{grid-column:span 2} h3{margin:0 0 6px;font-size:${look.size}px;font-weight:500}
       .time{border:1px solid ${line};padding:3px 10px}`,
      `<header><div>Home &nbsp;›&nbsp; Dashboards &nbsp;›&nbsp; <b>${is("title", title)}</b></div><div class="time">${is("range", c.pick(["Last 6 hours", "Last 15 minutes", "Last 24 hours", "2026-11-21 13:05:00 to 2026-11-21 14:05:00"]))}</div></header>
       <div class="grid">${stats.map(({ label, value }) => `<div class="p"><h3>${is("panel", label)}</h3><div class="v" style="color:${color()}">${figure(label, value)}</div></div>`).join("")}
       ${charts.map((label) => `<div class="p w"><h3>${is("panel", `${label} by service`)}</h3>${chart(c, look, names, (n) => `${n * 25}`)}</div>`).join("")}
       <div class="p w"><h3>${is("panel", "Alerts")}</h3><table>${names.map((name) => `<tr><td>${is("service", name)}</td><td>HighErrorRate</td><td style="color:${color()}">firing</td><td>${c.whole(2, 58)}m</td></tr>`).join("")}</table></div></div>`,
    ),
  };
};

const cards: Template = (c, look) => {
  const [card, line] = look.dark ? ["#25262f", "#3a3c48"] : ["#ffffff", "#e4e4ea"];
  const service = c.service();
  const widgets = distinct(
    3,
    () => c.quantity(),
    ({ label }) => label,
  );
  const top = distinct(
    5,
    () => c.service(),
    (name) => name,
  );
  const title = `${service} - Service Health`;
  return {
    kind: "dashboard",
    html: frame(
      look,
      `body{display:flex} nav{width:150px;background:#632ca6;color:#f3ecfa;padding:14px 12px;min-height:100vh} nav div{padding:6px 0} main{flex:1;padding:14px}
       .row{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;margin-top:10px} .c{background:${card};border:1px solid ${line};border-radius:6px;padding:10px 12px}
       .v{font-size:${look.size * 2.8}px;color:${look.accent};text-align:right} h1{font-size:${look.size * 1.5}px;margin:0;font-weight:600} .h{font-size:${look.size - 1}px;opacity:.85}
       .bar{background:${look.dark ? "#4a3a63" : "#e2d6f3"};padding:3px 6px;margin:3px 0;display:flex;justify-content:space-between}`,
      `<nav>${["Watchdog", "Dashboards", "Monitors", "Metrics", "Logs", "APM", "Security"].map((item) => `<div>${item}</div>`).join("")}</nav>
       <main><div style="display:flex;justify-content:space-between"><h1>${is("title", title)}</h1><div>${is("range", c.pick(["Past 1 Hour", "Past 4 Hours", "Past 1 Day"]))}</div></div>
       <div class="row">${widgets.map(({ label, value }) => `<div class="c"><div class="h">${is("panel", `Avg ${label}`)}</div><div class="v">${figure(`Avg ${label}`, value)}</div></div>`).join("")}</div>
       <div class="row" style="grid-template-columns:1fr 1fr"><div class="c"><div class="h">${is("panel", "Top endpoints by errors")}</div>${top.map((name, index) => `<div class="bar" style="width:${100 - index * 11}%">${is("service", name)}<b>${c.whole(20, 900)}</b></div>`).join("")}</div>
       <div class="c"><div class="h">${is("panel", "Requests over time")}</div>${chart(c, look, top.slice(0, 2), (n) => `${n}.0K`)}</div></div></main>`,
    ),
  };
};

const httpErrors = [
  ["502", "Bad Gateway", "nginx/1.26.2"],
  ["503", "Service Temporarily Unavailable", "nginx"],
  ["504", "Gateway Time-out", "openresty/1.25.3"],
  ["500", "Internal Server Error", "Apache/2.4.62 (Debian)"],
] as const;

const httpError: Template = (c, look) => {
  const [code, text, server] = c.pick(httpErrors);
  const name = c.service();
  const fancy = c.random() < 0.6;
  return {
    kind: "error_screen",
    html: fancy
      ? frame(
          look,
          `main{max-width:640px;margin:8vh auto;padding:20px} h1{font-size:${look.size * 3.4}px;margin:0} .b{background:${look.accent};color:#fff;display:inline-block;padding:8px 18px;border-radius:4px;margin-top:18px;font-weight:600}`,
          `<main><h1>${is("title", `Error ${code}`)}</h1><h2>${is("error", text)}</h2><p>The server ${is("service", name)} is temporarily unable to handle your request. Please try again in a few minutes.</p>
           <p class="mono">Request ID: ${c.id(8)}-${c.id(4)}-${c.id(12)}<br>Time: 2026-11-21 ${c.clock()} UTC</p><div class="b">Retry request</div></main>`,
        )
      : frame(
          { ...look, font: "'Liberation Serif',serif" },
          "body{text-align:center;padding-top:30px}",
          `<h1>${is("title", is("error", `${code} ${text}`))}</h1><hr><p>${server}</p>`,
        ),
  };
};

const debugPage: Template = (c, look) => {
  const failure = c.pick(failures)(c);
  const service = c.service();
  const kind = failure.message.split(":")[0] ?? "";
  return {
    kind: "error_screen",
    html: frame(
      look,
      `header{background:${look.dark ? "#3b1d1d" : "#ffffcc"};padding:16px 24px;border-bottom:1px solid #cc9} h1{font-size:${look.size * 1.6}px;margin:0 0 8px;font-weight:500}
       section{padding:14px 24px} th{font-weight:600;width:180px} pre{background:${look.dark ? "#000" : "#fff"};padding:12px;border:1px solid #8886;font-size:${look.size - 1}px}`,
      `<header><h1>${is("title", `${escape(kind)} at /api/checkout/`)}</h1><pre style="border:0;background:none;padding:0">${is("error", escape(failure.message))}</pre></header>
       <section><table><tr><th>Request Method:</th><td>POST</td></tr><tr><th>Request URL:</th><td class="mono">https://shop.example.com/api/checkout/</td></tr>
       <tr><th>Server time:</th><td>Sat, 21 Nov 2026 ${c.clock()} +0000</td></tr><tr><th>Service:</th><td>${is("service", service)}</td></tr></table></section>
       <section><h2>Traceback</h2><pre>${failure.lines.map((line) => failureLine(line, failure.message)).join("\n")}</pre></section>`,
    ),
  };
};

const overlay: Template = (c, look) => {
  const failure = c.pick(failures)(c);
  return {
    kind: "error_screen",
    html: frame(
      look,
      `body{background:${look.dark ? "#1b1b1f" : "#6b7280"}} .d{background:${look.dark ? "#0a0a0a" : "#fff"};color:${look.dark ? "#ededed" : "#111"};max-width:860px;margin:40px auto;border-radius:8px;border-top:4px solid #e5484d;padding:22px}
       h1{font-size:${look.size * 1.5}px;margin:0 0 10px} .m{color:${look.dark ? "#ff9592" : "#c62a2f"};font-weight:600} pre{background:${look.dark ? "#18181b" : "#f4f4f5"};padding:14px;border-radius:6px;margin-top:14px}`,
      `<div class="d"><h1>${is("title", "Unhandled Runtime Error")}</h1><div class="m mono">${is("error", escape(failure.message))}</div><h3>Call Stack</h3><pre>${failure.lines.map((line) => failureLine(line, failure.message)).join("\n")}</pre><p>This error happened while generating the page.</p></div>`,
    ),
  };
};

const stack: Template = (c, look) => {
  const failure = c.pick(failures)(c);
  const service = c.service();
  const host = `ip-10-0-${c.whole(1, 9)}-${c.whole(10, 250)}`;
  return {
    kind: "terminal",
    html: frame(
      look,
      `body{background:${look.dark ? "#0c0c0c" : "#fdf6e3"};padding:10px 14px} pre{color:${look.dark ? "#cccccc" : "#3b4a50"}} .e{color:${look.dark ? "#f14c4c" : "#b3261e"}} .g{color:${look.dark ? "#23d18b" : "#5b6f00"}}`,
      `<pre><span class="g">root@${host}</span>:~# systemctl status ${is("service", service)}\n<span class="g">●</span> ${service}.service - ${service} backend\n   Loaded: loaded (/etc/systemd/system/${service}.service; enabled)\n   Active: <span class="e">failed</span> (Result: exit-code) since Sat 2026-11-21 ${c.clock()} UTC\n\n<span class="g">root@${host}</span>:~# journalctl -u ${service} -n 20\n${failure.lines.map((line) => failureLine(line, failure.message, (text) => `<span class="e">${text}</span>`)).join("\n")}\n<span class="g">root@${host}</span>:~# _</pre>`,
    ),
  };
};

const kubectl: Template = (c, look) => {
  const names = distinct(
    7,
    () => c.service(),
    (name) => name,
  );
  const states = ["Running", "Running", "CrashLoopBackOff", "ImagePullBackOff", "OOMKilled", "Pending"];
  const rows = names.map((name) => {
    const state = c.pick(states);
    return {
      name: `${name}-${c.id(10)}-${c.id(5)}`,
      state,
      ready: state === "Running" ? "1/1" : "0/1",
      restarts: c.whole(0, 40),
      age: `${c.whole(1, 40)}d`,
    };
  });
  const width = Math.max(...rows.map(({ name }) => name.length)) + 3;
  const failing = rows.find(({ state }) => state !== "Running") ?? rows[0];
  return {
    kind: "terminal",
    html: frame(
      look,
      `body{background:${look.dark ? "#1e1e2e" : "#ffffff"};padding:12px} pre{color:${look.dark ? "#cdd6f4" : "#222"}}`,
      `<pre>$ kubectl get pods -n production\n${"NAME".padEnd(width)}READY   STATUS             RESTARTS   AGE\n${rows.map((row) => `<span data-is="service" data-as="${row.name.split("-").slice(0, -2).join("-")}">${row.name}</span>${" ".repeat(width - row.name.length)}${row.ready}     ${/BackOff|OOM/.test(row.state) ? is("error", row.state) : row.state}${" ".repeat(19 - row.state.length)}${String(row.restarts).padEnd(11)}${row.age}`).join("\n")}\n\n$ kubectl logs ${failing?.name ?? ""} --tail 3\n2026-11-21T${c.clock()}Z ERROR ${is("error", `failed to reach redis://cache:6379: dial tcp 10.96.${c.whole(0, 250)}.12:6379: i/o timeout`)}\n2026-11-21T${c.clock()}Z WARN  retrying in 5s (attempt ${c.whole(2, 9)})\n2026-11-21T${c.clock()}Z FATAL ${is("error", "giving up after 5 attempts")}\n$</pre>`,
    ),
  };
};

const logs: Template = (c, look) => {
  const service = c.service();
  const messages = [
    () => `GET /api/v1/orders/${c.whole(1000, 9999)} 200 ${c.whole(8, 90)}ms`,
    () => `POST /api/v1/checkout 500 ${c.whole(900, 9000)}ms`,
    () => `connection pool exhausted: ${c.whole(20, 60)} of ${c.whole(60, 61)} in use`,
    () => `cache miss ratio ${c.whole(20, 80)}% above threshold`,
    () => `deadlock detected on relation orders`,
    () => `request failed: context deadline exceeded`,
  ];
  const rows = Array.from({ length: 12 }, () => ({
    at: c.clock(),
    level: c.pick(["INFO", "WARN", "ERROR"]),
    text: c.pick(messages)(),
  }));
  const color = {
    INFO: look.dark ? "#8ab4f8" : "#1d4ed8",
    WARN: look.dark ? "#fdd663" : "#92400e",
    ERROR: look.dark ? "#f28b82" : "#b91c1c",
  };
  return {
    kind: "terminal",
    html: frame(
      look,
      `header{padding:10px 14px;display:flex;gap:14px;border-bottom:1px solid #8884} td{white-space:nowrap;padding:3px 10px;font-size:${look.size - 1}px;font-family:${look.mono}}`,
      `<header><b>${is("title", "Logs")}</b><span class="mono">{app="${is("service", service)}"} |= "error"</span><span style="margin-left:auto">${is("range", "Last 30 minutes")}</span></header>
       <table>${rows.map((row) => `<tr><td>2026-11-21 ${row.at}.${c.whole(100, 999)}</td><td style="color:${color[row.level as "INFO"]}">${row.level}</td><td>${service}</td><td style="width:100%">${row.level === "ERROR" ? is("error", row.text) : row.text}</td></tr>`).join("")}</table>`,
    ),
  };
};

const table: Template = (c, look) => {
  const rows = distinct(
    9,
    () => c.service(),
    (name) => name,
  );
  return {
    kind: "dashboard",
    html: frame(
      look,
      `main{padding:18px} h1{font-size:${look.size * 1.7}px;margin:0 0 12px} th{background:${look.dark ? "#1f2937" : "#eef2f7"}} .s{padding:2px 9px;border-radius:10px;color:#fff;font-size:${look.size - 2}px}`,
      `<main><h1>${is("title", "Service catalog")}</h1><table><tr><th>Service</th><th>Owner</th><th>Status</th><th>p95</th><th>Errors</th><th>Last deploy</th></tr>
       ${rows
         .map((name) => {
           const bad = c.random() < 0.3;
           return `<tr><td><b>${is("service", name)}</b></td><td>team-${c.pick(["payments", "platform", "search", "growth"])}</td><td><span class="s" style="background:${bad ? "#b91c1c" : "#15803d"}">${bad ? "Degraded" : "Healthy"}</span></td><td>${figure(`${name} p95`, `${c.whole(20, 900)} ms`)}</td><td>${figure(`${name} Errors`, `${(c.whole(0, 90) / 10).toFixed(1)}%`)}</td><td>v${c.whole(1, 4)}.${c.whole(0, 30)}.${c.whole(0, 9)} · ${c.whole(2, 59)} minutes ago</td></tr>`;
         })
         .join("")}</table></main>`,
    ),
  };
};

const alert: Template = (c, look) => {
  const service = c.service();
  const { label, value } = c.quantity();
  return {
    kind: "unknown",
    html: frame(
      look,
      `main{padding:20px;max-width:720px} .m{border-left:4px solid #d63638;padding:6px 14px;margin:8px 0 8px 46px} .a{float:left;width:36px;height:36px;border-radius:6px;background:${look.accent}} .t{opacity:.75;font-size:${look.size - 2}px} button{font:inherit;margin:8px 8px 0 0;padding:5px 12px;border:1px solid #8888;border-radius:4px;background:none;color:inherit}`,
      `<main><div class="a"></div><div style="margin-left:46px"><b>Alertmanager</b> <span class="t">APP ${c.whole(1, 12)}:${c.whole(10, 59)} PM</span></div>
       <div class="m"><b>[FIRING:${c.whole(1, 9)}] ${label} is too high on ${is("service", service)}</b><p>Current value: <b>${figure("Current value", value)}</b> for the last ${c.whole(5, 30)} minutes.<br>Cluster: eu-west-1 &nbsp; Namespace: production &nbsp; Severity: critical</p>
       <p>Runbook: https://wiki.example.com/runbooks/${service}</p><button>Acknowledge</button><button>Silence 1h</button></div>
       <div style="margin-left:46px;margin-top:18px"><b>Maria Lopez</b> <span class="t">${c.whole(1, 12)}:${c.whole(10, 59)} PM</span><p>Rolled back the deployment from this morning, error rate is going down. Can someone check the database connections?</p></div></main>`,
    ),
  };
};

const waterfall: Template = (c, look) => {
  const spans = distinct(
    8,
    () => c.service(),
    (name) => name,
  );
  return {
    kind: "dashboard",
    html: frame(
      look,
      `header{padding:12px 16px} .s{display:flex;border-top:1px solid #8883} .n{width:260px;padding:5px 10px;border-right:1px solid #8883} .b{flex:1;position:relative} .b i{position:absolute;top:8px;height:12px;border-radius:2px;background:${look.accent}} .b span{position:absolute;top:4px;font-size:${look.size - 2}px}`,
      `<header><b style="font-size:${look.size * 1.4}px">${is("title", `${spans[0] ?? ""}: POST /checkout`)}</b> <span class="mono">${c.id(7)}</span><div>Trace Start November 21 2026, ${c.clock()} &nbsp; Duration ${figure("Duration", `${c.whole(2, 9)}.${c.whole(10, 99)}s`)} &nbsp; Services ${spans.length} &nbsp; Total Spans ${c.whole(12, 90)}</div></header>
       ${spans
         .map((name, index) => {
           const width = c.whole(5, 28);
           return `<div class="s" style="height:30px"><div class="n" style="padding-left:${10 + index * 8}px">${is("service", name)} <span style="opacity:.75">${c.pick(["GET", "POST", "query", "publish"])}</span></div><div class="b"><i style="left:${4 + index * 7}%;width:${width}%"></i><span style="left:${6 + index * 7 + width}%" data-is="value" data-of="${name}">${c.whole(3, 990)}ms</span></div></div>`;
         })
         .join("")}`,
    ),
  };
};

const pipeline: Template = (c, look) => {
  const service = c.service();
  const failed = `Error: Process completed with exit code ${c.whole(1, 2)}.`;
  return {
    kind: "error_screen",
    html: frame(
      look,
      `main{padding:18px} h1{font-size:${look.size * 1.5}px;margin:0} .j{display:grid;grid-template-columns:210px 1fr;gap:16px;margin-top:14px} pre{background:#0d1117;color:#c9d1d9;padding:12px;font-size:${look.size - 1}px} .x{color:#f85149}`,
      `<main><h1>${is("title", `Deploy ${is("service", service)} to production #${c.whole(120, 4000)}`)}</h1><div>Triggered via push 12 minutes ago · Status <b>Failure</b> · Total duration ${c.whole(2, 9)}m ${c.whole(10, 59)}s</div>
       <div class="j"><div>${["Build image", "Unit tests", "Push image", "Run migrations", "Deploy"].map((step) => `<div style="padding:5px 0">${step}</div>`).join("")}</div>
       <pre>Run helm upgrade --install ${service} ./chart\n${is("error", "UPGRADE FAILED: timed out waiting for the condition")}\nWarning BackOff ${c.whole(3, 20)}s kubelet Back-off restarting failed container\n<span class="x">${is("error", failed)}</span></pre></div></main>`,
    ),
  };
};

export const templates: Readonly<Record<string, Template>> = {
  grafana, cards, "http-error": httpError, "debug-page": debugPage, overlay, stack, kubectl, logs, table, alert, waterfall, pipeline,
}; // prettier-ignore
