// First step: choose a way in, type what it needs or go to the vendor's page.
import type { AuthKind, AuthMethod, AvailableIntegration } from "@opentrace/contract/integrations.ts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowRight, ChevronRight, ExternalLink } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { connectIntegration } from "../../../api/integration-actions.ts";
import { integrations, vendor } from "../../../api/integration-queries.ts";
import { refusedFields } from "../../../api/refused-fields.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyLine } from "../../../ui/copy-line.tsx";
import { ErrorNote } from "../../../ui/states.tsx";
import { AuthChoice } from "../auth-choice.tsx";
import { FormFields } from "../form-fields.tsx";
import { changedValues, missingFields, refusedOf, startValues, type Typed } from "../form-values.ts";
import { openWindow, useBeginSignIn } from "../sign-in-window.ts";
import { wizardPath } from "../url.ts";

interface Props {
  connector: AvailableIntegration;
  chosen: AuthKind | null;
  onChoose: (kind: AuthKind) => void;
  /** Null test: the vendor's page comes next. */
  onConnected: (integration: string) => void;
}

export function Authenticate({ connector, chosen, onChoose, onConnected }: Props) {
  const method = connector.auth.find(({ kind }) => kind === chosen) ?? connector.auth[0];
  if (method === undefined) return <p>{connector.name} offers no way to connect.</p>;
  return (
    <div className="flex flex-col gap-6">
      {connector.auth.length > 1 ? (
        <AuthChoice methods={connector.auth} chosen={method.kind} onChoose={onChoose} />
      ) : null}
      <MethodForm key={method.kind} connector={connector} method={method} onConnected={onConnected} />
    </div>
  );
}

function MethodForm({
  connector,
  method,
  onConnected,
}: {
  connector: AvailableIntegration;
  method: AuthMethod;
  onConnected: Props["onConnected"];
}) {
  const client = useQueryClient();
  const begin = useBeginSignIn();
  const [credentialStart] = useState(() => startValues(method.fields));
  const [configStart] = useState(() => startValues(connector.fields));
  const [credential, setCredential] = useState<Typed>(credentialStart);
  const [config, setConfig] = useState<Typed>(configStart);
  // A GitHub App can be made by one click, or its key typed by hand.
  const canLeave = method.redirects && method.kind !== "oauth2";
  const [byHand, setByHand] = useState(!canLeave);
  const [missing, setMissing] = useState<Record<string, string>>({});
  const leaves = method.redirects && (method.kind === "oauth2" || !byHand);
  const connect = useMutation({
    mutationFn: () =>
      connectIntegration({
        connector: connector.id,
        auth: method.kind,
        credential: byHand ? changedValues(method.fields, credential, credentialStart) : {},
        config: changedValues(connector.fields, config, configStart),
      }),
  });
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const without = {
      ...prefixed("credential", byHand ? missingFields(method.fields, credential) : {}),
      ...prefixed("config", missingFields(connector.fields, config)),
    };
    setMissing(without);
    if (Object.keys(without).length > 0) return;
    const popup = leaves ? openWindow() : null;
    try {
      const { integration, test } = await connect.mutateAsync();
      client.setQueryData(integrations.keyOf(integration.id), integration);
      void client.invalidateQueries({ queryKey: integrations.available.queryKey });
      void client.invalidateQueries({ queryKey: integrations.all.queryKey });
      if (test) client.setQueryData(vendor.test(integration.id).queryKey, test);
      // A sign-in page that could not be had is said on the next screen, where it can be tried again.
      else {
        const returnTo = wizardPath(connector.id, integration.id);
        await begin.mutateAsync({ id: integration.id, popup, returnTo }).catch(() => null);
      }
      onConnected(integration.id);
    } catch {
      // Shown from the mutation.
      popup?.close();
    }
  };
  const refused = { ...refusedFields(connect.error), ...missing };
  const busy = connect.isPending || begin.isPending;
  const general = connect.error && Object.keys(refused).every((field) => !field.includes("."));
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-5" noValidate>
      <Settings connector={connector} typed={config} onChange={setConfig} errors={refusedOf(refused, "config")} />
      {method.register ? <Register method={method} register={method.register} baseUrl={config.baseUrl} /> : null}
      {method.callbackUrl !== null && method.kind === "oauth2" ? (
        <CopyLine
          label={`Callback address, for the application that you register at ${connector.name}`}
          text={method.callbackUrl}
        />
      ) : null}
      {byHand ? (
        <FormFields
          fields={method.fields}
          typed={credential}
          onChange={(typed) => (setCredential(typed), setMissing({}))}
          errors={refusedOf(refused, "credential")}
        />
      ) : null}
      {canLeave && method.fields.length > 0 ? (
        <Disclosure open={byHand} onToggle={() => setByHand(!byHand)}>
          I have one already: type its key by hand
        </Disclosure>
      ) : null}
      {general ? <ErrorNote error={connect.error} /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? (leaves ? `Opening ${connector.name}…` : "Trying it…") : `Connect ${connector.name}`}
          {leaves ? <ExternalLink size={15} aria-hidden /> : <ArrowRight size={15} aria-hidden />}
        </Button>
        <p className="text-sm text-faint">
          {leaves
            ? `A window with ${connector.name} opens. OpenTrace asks for read-only access.`
            : "What you type is tried first, sealed on the server, and never shown again."}
        </p>
      </div>
    </form>
  );
}

interface RegisterProps {
  method: AuthMethod;
  register: NonNullable<AuthMethod["register"]>;
  /** As typed: of a server of the customer's. */
  baseUrl: string | boolean | undefined;
}

/** Where the application is registered whose id and secret are asked for: at the vendor, or on the server whose address was typed. */
function Register({ method, register: { url, path, help }, baseUrl }: RegisterProps) {
  const own = typeof baseUrl === "string" ? baseUrl.trim().replace(/\/+$/, "") : "";
  const href = path !== null && /^https?:\/\/[^\s/]+/.test(own) ? `${own}${path}` : url;
  return (
    <div className="flex flex-col gap-1 rounded-md bg-sunken px-4 py-3">
      <p>{help}</p>
      <a
        href={href}
        target="_blank"
        rel="noreferrer noopener"
        className="inline-flex w-fit items-center gap-1.5 rounded-sm text-accent-text underline underline-offset-2"
      >
        Register it for “{method.name}” at {new URL(href).host} <ExternalLink size={14} aria-hidden />
      </a>
    </div>
  );
}

const prefixed = (prefix: string, errors: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(errors).map(([name, message]) => [`${prefix}.${name}`, message]));

/** What most people leave as it is stays folded, unless something in it is needed or wrong. */
function Settings({
  connector,
  typed,
  onChange,
  errors,
}: {
  connector: AvailableIntegration;
  typed: Typed;
  onChange: (typed: Typed) => void;
  errors: Record<string, string>;
}) {
  const [opened, setOpened] = useState(false);
  const needed = connector.fields.filter((field) => field.required);
  const rest = connector.fields.filter((field) => !field.required);
  const open = opened || rest.some(({ name }) => errors[name] !== undefined);
  return (
    <>
      <FormFields fields={needed} typed={typed} onChange={onChange} errors={errors} />
      {rest.length > 0 ? (
        <div className="flex flex-col gap-4">
          <Disclosure open={open} onToggle={() => setOpened(!open)}>
            Settings: {rest.map(({ label }) => label).join(", ")}
          </Disclosure>
          {open ? <FormFields fields={rest} typed={typed} onChange={onChange} errors={errors} /> : null}
        </div>
      ) : null}
    </>
  );
}

function Disclosure({ open, onToggle, children }: { open: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="flex w-fit max-w-full items-start gap-1 rounded-sm text-left text-sm text-muted hover:text-text"
    >
      <ChevronRight size={14} aria-hidden className={`mt-0.5 shrink-0 ${open ? "rotate-90" : ""}`} />
      <span className="min-w-0">{children}</span>
    </button>
  );
}
