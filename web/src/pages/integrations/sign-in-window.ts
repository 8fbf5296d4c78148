// The pop-up in which people sign in at the vendor: opened by the click itself, since browsers block what opens later.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { z } from "zod";
import { beginSignIn } from "../../api/integration-actions.ts";

export interface SignInPage {
  url: string;
  expiresAt: string;
  /** The browser did not let the pop-up open. */
  blocked: boolean;
}

/** Null when the browser blocks it. */
export const openWindow = (): Window | null => window.open("", "opentrace-sign-in", "popup,width=1000,height=800");

const keyOf = (id: string): readonly string[] => ["sign-in", id];

/** The sign-in that this tab began for an integration, if it did. */
export function useSignInPage(id: string): SignInPage | null {
  const { data } = useQuery<SignInPage | null>({
    queryKey: keyOf(id),
    queryFn: () => null,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? null;
}

/** Leads the window, opened before by `openWindow`, to the vendor's page. */
export function useBeginSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, popup }: { id: string; popup: Window | null }): Promise<SignInPage> => {
      try {
        const { url, expiresAt } = await beginSignIn(id);
        if (popup) popup.location.href = url;
        return { url, expiresAt, blocked: popup === null };
      } catch (error) {
        popup?.close();
        throw error;
      }
    },
    onSuccess: (page, { id }) => {
      client.setQueryData(keyOf(id), page);
    },
  });
}

const Outcome = z.discriminatedUnion("is", [
  z.object({ is: z.literal("connected"), integration: z.string() }),
  z.object({ is: z.literal("failed"), message: z.string() }),
]);

/** What the window says when the vendor has sent it back. (Browsers cut the tie between the two windows at the vendor's page.) */
export function useSignInOutcome(id: string, on: { connected: () => void; failed: (message: string) => void }): void {
  const current = useRef(on);
  current.current = on;
  useEffect(() => {
    const channel = new BroadcastChannel("opentrace-sign-in");
    channel.onmessage = ({ data }) => {
      const outcome = Outcome.safeParse(data);
      if (!outcome.success) return;
      if (outcome.data.is === "failed") current.current.failed(outcome.data.message);
      else if (outcome.data.integration === id) current.current.connected();
    };
    return () => channel.close();
  }, [id]);
}
