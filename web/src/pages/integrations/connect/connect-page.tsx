// The wizard that connects an integration: authenticate → permissions → choose → count → sync. Where it is lies in the address.
import type { AvailableIntegration, Integration } from "@opentrace/contract/integrations.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useEffect, useRef } from "react";
import { ApiError } from "../../../api/http.ts";
import { disconnectIntegration } from "../../../api/integration-actions.ts";
import { findAvailable, integrations } from "../../../api/integration-queries.ts";
import { buttonClasses } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { NotAllowed, useMay } from "../../../ui/may.tsx";
import { Card, PageFrame, usePageTitle } from "../../../ui/page.tsx";
import { EmptyState, ErrorNote, SkeletonRows } from "../../../ui/states.tsx";
import { NoConnector } from "../connector-page.tsx";
import { Trail } from "../marks.tsx";
import { SignInPanel } from "../sign-in-panel.tsx";
import { type ConnectState, connectSearch, parseConnect, type Step, steps, wizardPath } from "../url.ts";
import { Authenticate } from "./authenticate.tsx";
import { ChooseStep } from "./choose-step.tsx";
import { CountStep } from "./count-step.tsx";
import { PermissionsStep } from "./permissions-step.tsx";
import { SyncStep } from "./sync-step.tsx";

const stepWords: Record<Step, string> = {
  authenticate: "Authenticate",
  permissions: "Test permissions",
  choose: "Choose what to sync",
  count: "Count",
  sync: "Sync",
};

export function ConnectPage() {
  const { connector: connectorId } = useParams({ from: "/integrations/$connector/connect" });
  const state = parseConnect(useSearch({ from: "/integrations/$connector/connect" }));
  const navigate = useNavigate();
  const { may } = useMay();
  const { data, error, refetch } = useQuery(integrations.available);
  const connector = findAvailable(data, connectorId);
  const title = `Connect ${connector?.name ?? "an integration"}`;
  usePageTitle(title);
  const go = (next: Partial<ConnectState>, replace = false): void =>
    void navigate({
      to: "/integrations/$connector/connect",
      params: { connector: connectorId },
      search: connectSearch({ ...state, ...next }),
      replace,
    });
  return (
    <PageFrame title={title} above={<Trail connector={connector} />}>
      {!may("integrations:write") ? (
        <NotAllowed permission="integrations:write" title="You may not connect integrations" />
      ) : connector ? (
        state.integration === null ? (
          <>
            <Steps current="authenticate" />
            <Card className="p-5">
              <Authenticate
                connector={connector}
                chosen={state.auth}
                onChoose={(auth) => go({ auth }, true)}
                onConnected={(integration) => go({ integration, step: "permissions" }, true)}
              />
            </Card>
          </>
        ) : (
          <Connected connector={connector} id={state.integration} state={state} go={go} />
        )
      ) : error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <NoConnector id={connectorId} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </PageFrame>
  );
}

interface ConnectedProps {
  connector: AvailableIntegration;
  id: string;
  state: ConnectState;
  go: (next: Partial<ConnectState>, replace?: boolean) => void;
}

/** The integration exists; it may still wait for its sign-in. */
function Connected({ connector, id, state, go }: ConnectedProps) {
  const { data, error, refetch } = useQuery({
    ...integrations.one(id),
    // Events say when it changes; this is for a browser that lost them.
    refetchInterval: 5000,
  });
  if (data)
    return isWaiting(connector, data) ? (
      <SigningIn
        connector={connector}
        integration={data}
        onCancelled={() => go({ integration: null, step: "authenticate" })}
      />
    ) : (
      <AfterSignIn connector={connector} integration={data} state={state} go={go} />
    );
  if (error instanceof ApiError && error.status === 404)
    return (
      <EmptyState title="This integration is not here any more">
        <p>It may have been disconnected meanwhile.</p>
        <Link to="/integrations/$connector/connect" params={{ connector: connector.id }} className={buttonClasses()}>
          Connect {connector.name}
        </Link>
      </EmptyState>
    );
  return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={6} />;
}

/** Nothing was ever read with it: what a refusal needs then is the sign-in, not another credential. */
function isWaiting(connector: AvailableIntegration, { auth, health, counts }: Integration): boolean {
  if (health.state === "connecting") return true;
  const leads = connector.auth.some(({ kind, redirects }) => kind === auth && redirects);
  return leads && health.state === "unauthorized" && counts.scopes === 0;
}

function SigningIn({
  connector,
  integration,
  onCancelled,
}: {
  connector: AvailableIntegration;
  integration: Integration;
  onCancelled: () => void;
}) {
  const client = useQueryClient();
  const { id, name } = integration;
  const cancel = useMutation({
    // Nothing was read yet: there is nothing to lose by it.
    mutationFn: () => disconnectIntegration(id, name),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: integrations.all.queryKey });
      onCancelled();
    },
  });
  return (
    <>
      <Steps current="authenticate" />
      <Card className="p-5">
        <SignInPanel
          id={id}
          vendor={connector.name}
          returnTo={wizardPath(connector.id, id)}
          onConnected={() => void client.invalidateQueries({ queryKey: integrations.key })}
          onCancel={() => cancel.mutate()}
          cancelling={cancel.isPending}
        />
        {cancel.error ? <ErrorNote error={cancel.error} /> : null}
      </Card>
    </>
  );
}

function AfterSignIn({ connector, integration, state, go }: Omit<ConnectedProps, "id"> & { integration: Integration }) {
  const step = state.step === "authenticate" ? "permissions" : state.step;
  const common = { connector, integration };
  return (
    <>
      <Steps current={step} onGo={(to) => go({ step: to, q: "" })} />
      <section aria-label={stepWords[step]}>
        {step === "permissions" ? (
          <PermissionsStep {...common} onNext={() => go({ step: "choose" })} />
        ) : step === "choose" ? (
          <ChooseStep
            {...common}
            kind={state.kind}
            search={state.q}
            onLook={(look) => go({ step: "choose", ...look }, true)}
            onNext={() => go({ step: "count", q: "" })}
          />
        ) : step === "count" ? (
          <CountStep {...common} onBack={() => go({ step: "choose" })} onNext={() => go({ step: "sync" })} />
        ) : (
          <SyncStep {...common} />
        )}
      </section>
    </>
  );
}

/** Where one is; steps that lie behind can be gone back to. */
function Steps({ current, onGo }: { current: Step; onGo?: (step: Step) => void }) {
  const at = steps.indexOf(current);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    // The button that led here is gone: keyboard and screen reader go on at the new step.
    heading.current?.focus();
  }, [current]);
  return (
    <div className="flex flex-col gap-4">
      <ol aria-label="Steps" className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
        {steps.map((step, index) => {
          const done = index < at;
          const mark = (
            <span
              className={classes(
                "inline-grid size-5 shrink-0 place-items-center rounded-full border text-xs tabular-nums",
                index === at && "border-transparent bg-accent text-on-accent",
                done && "border-transparent bg-ok-soft text-ok",
              )}
            >
              {done ? <Check size={12} aria-hidden /> : index + 1}
            </span>
          );
          const words = <span className="max-sm:sr-only">{stepWords[step]}</span>;
          const inside = "inline-flex items-center gap-2";
          return (
            <li key={step} aria-current={index === at ? "step" : undefined}>
              {done && onGo && index > 0 ? (
                <button
                  type="button"
                  onClick={() => onGo(step)}
                  className={classes(inside, "rounded-sm text-muted hover:text-text")}
                >
                  {mark} {words}
                </button>
              ) : (
                <span className={classes(inside, index === at ? "font-medium" : "text-muted")}>
                  {mark} {words}
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <h2 ref={heading} tabIndex={-1} className="text-lg font-semibold outline-none">
        {stepWords[current]}
      </h2>
    </div>
  );
}
