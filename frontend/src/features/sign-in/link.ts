/** The sign-in link: `<base>/#token=...`. */

/** The one-time token of the address, which is removed from the address bar and the history at once; null where there is none. */
export function takeLinkToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}
