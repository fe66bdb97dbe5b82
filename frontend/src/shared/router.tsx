/** Addresses: the page is a function of the path. The server answers index.html for every path that is not its own. */
import { useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

const CHANGED = "kosha:navigated";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** `replace` leaves no entry to go back to. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (path === location.pathname) return;
  history[options.replace ? "replaceState" : "pushState"](null, "", path);
  window.dispatchEvent(new Event(CHANGED));
}

/** For a Cloudscape `onFollow`: stay in the app, unless the user wants a new tab. */
export function follow(event: CustomEvent<{ href?: string; external?: boolean }>): void {
  if (event.detail.href === undefined || event.detail.external) return;
  event.preventDefault();
  navigate(event.detail.href);
}

/** A plain link of the app. */
export function AppLink({
  to,
  children,
  ...rest
}: {
  to: string;
  children: ReactNode;
  className?: string;
  "aria-current"?: "page";
}) {
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={onClick} {...rest}>
      {children}
    </a>
  );
}
