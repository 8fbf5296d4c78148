// What can be connected, as the gallery shows it: each connector's manifest, forms and capabilities.
import type { Connector } from "@opentrace/connectors/connector.ts";
import { formFields } from "@opentrace/connectors/form-fields.ts";
import type { AvailableIntegration, Capability } from "@opentrace/contract/integrations.ts";
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
