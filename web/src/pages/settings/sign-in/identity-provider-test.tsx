// Asks an identity provider what it tells of itself, and says what came of it.
import type { IdentityProvider } from "@opentrace/contract/users.ts";
import { testIdentityProvider } from "../../../api/identity-providers.ts";
import { CopyLine } from "../../../ui/copy-line.tsx";
import { Notice } from "../../../ui/states.tsx";
import { durationText } from "../../../ui/time-text.ts";
import { ProviderTestDialog } from "../provider-test-dialog.tsx";

export function IdentityProviderTest({ provider, onClose }: { provider: IdentityProvider; onClose: () => void }) {
  return (
    <ProviderTestDialog
      name={provider.name}
      description="It is asked what it tells of itself. No secret is sent; whether the secret is right shows at the first sign-in."
      waiting="Asking it"
      queryKey={["identity-provider-test", provider.id]}
      ask={(signal) => testIdentityProvider(provider.id, signal)}
      answered={({ milliseconds }) => `It answers as it should, in ${durationText(milliseconds / 1000)}.`}
      onClose={onClose}
    >
      {({ reason, authorization_endpoint, callback_url }) => (
        <>
          {reason ? <Notice tone="warn">{reason}</Notice> : null}
          {authorization_endpoint ? (
            <p className="text-sm wrap-anywhere text-muted">
              People sign in at <span className="font-mono">{authorization_endpoint}</span>
            </p>
          ) : null}
          <CopyLine label="Callback address, registered there" text={callback_url} />
        </>
      )}
    </ProviderTestDialog>
  );
}
