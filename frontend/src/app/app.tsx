/** The app: who is signed in sees the shell, who is not sees the sign-in page. */
import { I18nProvider } from "@cloudscape-design/components/i18n";
import english from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, use, useEffect, useState } from "react";
import { ErrorBoundary } from "@/app/error-boundary";
import { takeLinkToken } from "@/features/sign-in/link";
import { admit, signedIn } from "@/shared/auth";
import { byLink } from "@/shared/local-desk";
import { place } from "@/shared/place";
import { queryClient } from "@/shared/queries";
import { Waiting } from "@/shared/states";
import { useStore } from "@/shared/store";

const Shell = lazy(() => import("@/app/shell").then((module) => ({ default: module.Shell })));
const SignInPage = lazy(() =>
  import("@/features/sign-in/sign-in-page").then((module) => ({ default: module.SignInPage })),
);

const PoolPage = lazy(() => import("@/features/sign-in/pool-page").then((module) => ({ default: module.PoolPage })));

/** A link is good once, and effects run twice while developing: the exchange is begun once for a token. */
const exchanges = new Map<string, Promise<unknown>>();
function exchangeOnce(token: string): Promise<unknown> {
  const begun = exchanges.get(token) ?? byLink(token).then(admit);
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

/** `placed`: settles when it is known where people sign in. */
type Start = { linkToken: string | null; placed: Promise<void> };

export function App(start: Start) {
  return (
    <QueryClientProvider client={queryClient}>
      <I18nProvider locale="en" messages={[english]}>
        <ErrorBoundary>
          <Suspense fallback={<Waiting label="Loading Kosha" lines={0} />}>
            <Inside {...start} />
          </Suspense>
        </ErrorBoundary>
      </I18nProvider>
    </QueryClientProvider>
  );
}

function Inside({ linkToken, placed }: Start) {
  use(placed);
  const here = useStore(place);
  const user = useStore(signedIn)?.user;
  const { exchanging, linkError } = useLink(linkToken);
  useEffect(() => {
    if (user === undefined) queryClient.clear(); // the next user sees nothing of the last one's
  }, [user]);
  if (exchanging) return <Waiting label="Signing in" lines={0} />;
  if (user !== undefined) return <Shell key={user.id} user={user} />;
  return here.signIn === "cognito" ? <PoolPage pool={here} /> : <SignInPage linkError={linkError} />;
}
