// What can be connected, as the gallery shows it: each connector's manifest, forms and capabilities.
import type { Connector } from "@opentrace/connectors/connector.ts";
import { formFields } from "@opentrace/connectors/form-fields.ts";
import type { AuthMethod, AvailableIntegration, Capability } from "@opentrace/contract/integrations.ts";
import { credentialSchema } from "./forms.ts";

const iconPath = (connector: string): string => `/icons/integrations/${connector}.svg`;

/** `callbackUrl`: where vendors send browsers back to. */
export function availableOf(connector: Connector, connected: number, callbackUrl: string): AvailableIntegration {
  const { manifest } = connector;
  return {
    id: manifest.id,
    name: manifest.name,
    summary: manifest.summary,
    category: manifest.category,
    provides: [...manifest.provides],
    docs: manifest.docs,
    icon: iconPath(manifest.id),
    auth: connector.auth.map((method) => {
      const redirects = method.kind === "oauth2" || method.flow !== undefined;
      return {
        kind: method.kind,
        name: method.name,
        summary: method.summary,
        permissions: [...method.permissions],
        fields: formFields(credentialSchema(method)),
        redirects,
        callbackUrl: redirects ? callbackUrl : null,
        register: registerOf(connector, method),
      };
    }),
    fields: formFields(connector.config),
    scopeKinds: [...manifest.scopeKinds],
    streams: [...manifest.streams],
    emits: { nodes: [...manifest.emits.nodes], edges: [...manifest.emits.edges] },
    capabilities: capabilitiesOf(connector),
    connected,
  };
}

/** An address that stands for any server of a customer's. */
const anyServer = "https://server.invalid/below";

function registerOf(connector: Connector, method: Connector["auth"][number]): AuthMethod["register"] {
  if (method.kind !== "oauth2") return null;
  const { url, help } = method.register;
  const own = connector.config.safeParse({ baseUrl: anyServer });
  const there = own.success && own.data["baseUrl"] === anyServer ? url(own.data) : "";
  const path = there.startsWith(`${anyServer}/`) ? there.slice(anyServer.length) : null;
  return { url: url(connector.config.parse({})), path, help };
}

function capabilitiesOf(connector: Connector): Capability[] {
  const has: Record<Capability, boolean> = {
    sync: connector.sync !== undefined,
    webhook: connector.webhook !== undefined,
    query: (connector.queries ?? []).length > 0,
    notify: connector.notify !== undefined,
    clone: connector.cloneAccess !== undefined,
  };
  return (Object.keys(has) as Capability[]).filter((one) => has[one]);
}
