/** The list of conversations and what can be done with one. */
import { useQuery } from "@tanstack/react-query";
import { get, patch, reply } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import { queryClient } from "@/shared/queries";
import { Store, useStore } from "@/shared/store";
import type { Page, Session } from "@/shared/types";
import { undoable } from "@/shared/undoable";

const SHOWN = 100;

/** Deleted here, with ten seconds to undo it before the server is told. */
const leaving = new Store<ReadonlySet<string>>(new Set());

export function useSessions(query: string) {
  const hidden = useStore(leaving);
  return useQuery({
    queryKey: ["sessions", query],
    queryFn: () =>
      get<Page<Session>>(`/api/sessions?limit=${SHOWN}${query === "" ? "" : `&query=${encodeURIComponent(query)}`}`),
    select: (page) => page.items.filter((session) => !hidden.has(session.id)),
    placeholderData: (before) => before,
  });
}

const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["sessions"] });

export async function rename(session: Session, title: string): Promise<void> {
  await patch(`/api/sessions/${session.id}`, { title }).catch((error: unknown) =>
    showFailure("rename the conversation", error),
  );
  await reload();
}

function hide(id: string, isHidden: boolean): void {
  leaving.update((before) => {
    const after = new Set(before);
    if (isHidden) after.add(id);
    else after.delete(id);
    return after;
  });
}

async function removeNow(id: string): Promise<void> {
  try {
    await reply("DELETE", `/api/sessions/${id}`, undefined, { keepalive: true });
    await reload();
  } catch (error) {
    showFailure("delete the conversation; it is still there", error);
  } finally {
    hide(id, false);
  }
}

export function remove(session: Session): void {
  hide(session.id, true);
  undoable(
    `Deleted "${session.title}".`,
    () => void removeNow(session.id),
    () => hide(session.id, false),
  );
}
