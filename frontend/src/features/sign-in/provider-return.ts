/** Coming back from another house's sign-in page: `/?code=...&state=...`, or `/?error=...&error_description=...`. */

/** Null where the page was opened otherwise. What went wrong is taken out of the address; a code is Amplify's to take. */
export function takeReturn(): { isGranted: boolean; why: string } | null {
  const query = new URLSearchParams(location.search);
  if (query.has("code") && query.has("state")) return { isGranted: true, why: "" };
  const why = query.get("error_description") ?? query.get("error");
  if (why === null) return null;
  history.replaceState(null, "", location.pathname);
  return { isGranted: false, why };
}
