/** Calls to the product's REST routes: signed, renewed once after a 401, errors as sentences. */
import { current, end, refresh, type SignedIn } from "@/shared/auth";
import { refusedBy, Unreachable } from "@/shared/problem";
import type { Page } from "@/shared/types";
import { uuid } from "@/shared/uuid";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
const PAGE_LIMIT = 100;

async function send(
  method: Method,
  path: string,
  body: unknown,
  { restToken, accessToken }: SignedIn,
  key: string | undefined,
  keepalive: boolean,
): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${restToken ?? accessToken}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  try {
    return await fetch(path, {
      method,
      headers,
      keepalive,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Unreachable();
  }
}

/** The raw reply to a signed call. `path` starts with /api. Who is refused with a new token too has to sign in again. Throws Refused or Unreachable. */
export async function reply(
  method: Method,
  path: string,
  body?: unknown,
  options: { keepalive?: boolean } = {},
): Promise<Response> {
  const key = method === "POST" ? uuid() : undefined;
  const signedIn = await current();
  let answer = await send(method, path, body, signedIn, key, options.keepalive ?? false);
  if (answer.status === 401) {
    const renewed = await refresh(signedIn.accessToken);
    if (renewed !== null) answer = await send(method, path, body, renewed, key, options.keepalive ?? false);
    if (answer.status === 401) end();
  }
  if (!answer.ok) throw refusedBy(answer.status, await answer.text());
  return answer;
}

export async function get<Reply>(path: string): Promise<Reply> {
  return (await (await reply("GET", path)).json()) as Reply;
}

export async function post<Reply>(path: string, body: unknown): Promise<Reply> {
  return (await (await reply("POST", path, body)).json()) as Reply;
}

export async function patch<Reply>(path: string, body: unknown): Promise<Reply> {
  return (await (await reply("PATCH", path, body)).json()) as Reply;
}

/** A call whose reply nobody reads. */
export async function tell(method: Method, path: string, body?: unknown): Promise<void> {
  await reply(method, path, body);
}

/** Every item of a list, page after page, up to `most`. */
export async function list<Item>(path: string, most = 1000): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const query = `${path.includes("?") ? "&" : "?"}limit=${PAGE_LIMIT}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const page: Page<Item> = await get<Page<Item>>(path + query);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && items.length < most);
  return items;
}
