/** The app: who is signed in sees the shell, who is not sees the sign-in page. */
import { I18nProvider } from "@cloudscape-design/components/i18n";
import english from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { takeLinkToken } from "@/features/sign-in/link";
import { exchange, signedIn } from "@/shared/auth";
import { queryClient } from "@/shared/queries";
import { Waiting } from "@/shared/states";
import { useStore } from "@/shared/store";

const Shell = lazy(() => import("@/app/shell").then((module) => ({ default: module.Shell })));
const SignInPage = lazy(() =>
  import("@/features/sign-in/sign-in-page").then((module) => ({ default: module.SignInPage })),
);

/** A link is good once, and effects run twice while developing: the exchange is begun once for a token. */
const exchanges = new Map<string, Promise<void>>();
function exchangeOnce(token: string): Promise<void> {
  const begun = exchanges.get(token) ?? exchange(token);
  exchanges.set(token, begun);
  return begun;
}

/** Exchange the token that the page was opened with, and one that is pasted into the address of the open page. */
function useLink(first: string | null): { exchanging: boolean; linkError: unknown } {
  const [token, setToken] = useState(first);
  const [linkError, setLinkError] = useState<unknown>(null);
  useEffect(() => {
    const onHash = (): void => setToken((before) => takeLinkToken() ?? before);
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => {
    if (token === null) return;
    exchangeOnce(token)
      .catch(setLinkError)
      .finally(() => setToken((now) => (now === token ? null : now)));
  }, [token]);
  return { exchanging: token !== null, linkError };
}

export function App({ linkToken }: { linkToken: string | null }) {
  const user = useStore(signedIn)?.user;
  const { exchanging, linkError } = useLink(linkToken);
  useEffect(() => {
    if (user === undefined) queryClient.clear(); // the next user sees nothing of the last one's
  }, [user]);
  return (
    <QueryClientProvider client={queryClient}>
      <I18nProvider locale="en" messages={[english]}>
        <Suspense fallback={<Waiting label="Loading Kosha" lines={0} />}>
          {exchanging ? (
            <Waiting label="Signing in" lines={0} />
          ) : user === undefined ? (
            <SignInPage linkError={linkError} />
          ) : (
            <Shell key={user.id} user={user} />
          )}
        </Suspense>
      </I18nProvider>
    </QueryClientProvider>
  );
}
