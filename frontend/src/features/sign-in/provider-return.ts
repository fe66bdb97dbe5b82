/** Coming back from another house's sign-in page: `/?code=...&state=...`, or `/?error=...&error_description=...`. */

/** `isGranted`: there is a code, which is Amplify's to take; else `why` not. */
export type Return = { isGranted: boolean; why: string };

/** Null where the page was opened otherwise. */
export function readReturn(address: string): Return | null {
  const query = new URL(address).searchParams;
  if (query.has("code") && query.has("state")) return { isGranted: true, why: "" };
  const why = query.get("error_description") ?? query.get("error");
  return why === null ? null : { isGranted: false, why };
}

/** Once it was read: neither a reload nor a link shall tell it again. */
export function forgetReturn(): void {
  if (readReturn(location.href) !== null) history.replaceState(null, "", location.pathname);
}
