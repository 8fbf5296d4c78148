// The few pages of a sign-in that are not the web UI's: one that sends the browser on, one that says how it ended. Each has its own policy.
import { createHash } from "node:crypto";
import type { Redirect } from "@opentrace/contract/integrations.ts";

export interface Page {
  html: string;
  /** Content-Security-Policy. */
  policy: string;
}

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}
a,button{font:inherit}button{padding:.5rem 1rem}a:focus-visible,button:focus-visible{outline:2px solid;outline-offset:2px}`;

function page(title: string, body: string, script: string | null, formAction: string): Page {
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} – OpenTrace</title><style>${style}</style></head>
<body><main><h1>${escape(title)}</h1>${body}</main>${script === null ? "" : `<script>${script}</script>`}</body></html>`,
    policy: [
      "default-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      `style-src ${hashOf(style)}`,
      `script-src ${script === null ? "'none'" : hashOf(script)}`,
      `form-action ${formAction}`,
    ].join("; "),
  };
}

const submit = "document.forms[0].submit()";

/** A form that posts itself to the vendor; by hand where scripts are off. */
export function leavingPage({ url, fields }: Redirect): Page {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  const { host, origin } = new URL(url);
  return page(
    `Continue at ${host}`,
    `<form method="post" action="${escape(url)}">${inputs.join("")}<p>You are sent to ${escape(host)}. If nothing happens:</p><button>Continue</button></form>`,
    submit,
    origin,
  );
}

const tell = (message: object): string =>
  `try{new BroadcastChannel("opentrace-sign-in").postMessage(${JSON.stringify(message).replaceAll("<", "\\u003c")})}catch{}`;

/** In a window of its own it closes itself; elsewhere the link leads back. */
export function connectedPage(name: string, integration: string, returnTo: string): Page {
  return page(
    `${name} is connected`,
    `<p>You can close this window.</p><p><a href="${escape(returnTo)}">Back to OpenTrace</a></p>`,
    `${tell({ is: "connected", integration })};window.close()`,
    "'none'",
  );
}

export function failedPage(message: string, returnTo: string): Page {
  return page(
    "Not connected",
    `<p role="alert">${escape(message)}</p><p>You can close this window, or go <a href="${escape(returnTo)}">back to OpenTrace</a>.</p>`,
    tell({ is: "failed", message }),
    "'none'",
  );
}

export const notSignedInPage = (message: string): Page =>
  page(
    "Not signed in",
    `<p role="alert">${escape(message)}</p><p><a href="/">Back to OpenTrace</a></p>`,
    null,
    "'none'",
  );
