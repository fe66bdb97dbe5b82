/** Conversations in the left column: search, open, rename, delete with undo. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Input from "@cloudscape-design/components/input";
import { useState, type FormEvent } from "react";
import { groupByDay } from "@/features/sessions/group-by-day";
import "@/features/sessions/sessions.css";
import { remove, rename, useSessions } from "@/features/sessions/use-sessions";
import { fullTime } from "@/shared/format";
import { messageOf } from "@/shared/problem";
import { AppLink } from "@/shared/router";
import { Waiting } from "@/shared/states";
import { useSettled } from "@/shared/use-settled";
import type { Session } from "@/shared/types";

/** `currentId`: the one on the page. `onLeave` is called when that one is deleted. */
export function SessionList({ currentId, onLeave }: { currentId: string | null; onLeave: () => void }) {
  const [query, setQuery] = useState("");
  const sessions = useSessions(useSettled(query.trim()));
  const leave = (session: Session): void => {
    remove(session);
    if (session.id === currentId) onLeave();
  };
  return (
    <section className="sessions" aria-label="Conversations">
      <Input
        type="search"
        value={query}
        onChange={({ detail }) => setQuery(detail.value)}
        placeholder="Search"
        ariaLabel="Search conversations"
        clearAriaLabel="Clear the search"
      />
      {sessions.isPending && <Waiting label="Loading conversations" />}
      {sessions.error && !sessions.data && (
        <p className="sessions-note">
          {messageOf(sessions.error)}{" "}
          <Button variant="inline-link" onClick={() => void sessions.refetch()}>
            Try again
          </Button>
        </p>
      )}
      {sessions.data?.length === 0 && (
        <p className="sessions-note">
          {query === "" ? "Your conversations will stand here." : `No conversation contains "${query}".`}
        </p>
      )}
      {groupByDay(sessions.data ?? [], new Date()).map((group) => (
        <div key={group.label} className="sessions-day">
          <h2>{group.label}</h2>
          <ul>
            {group.sessions.map((session) => (
              <SessionRow key={session.id} session={session} isCurrent={session.id === currentId} onDelete={leave} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function SessionRow({
  session,
  isCurrent,
  onDelete,
}: {
  session: Session;
  isCurrent: boolean;
  onDelete: (session: Session) => void;
}) {
  const [renaming, setRenaming] = useState(false);
  if (renaming) return <RenameRow session={session} onDone={() => setRenaming(false)} />;
  return (
    <li className="session" title={fullTime(session.updatedAt)}>
      <AppLink to={`/chat/${session.id}`} aria-current={isCurrent ? "page" : undefined}>
        {session.title || "Untitled"}
      </AppLink>
      <ButtonDropdown
        variant="inline-icon"
        ariaLabel={`More for ${session.title}`}
        expandToViewport
        items={[
          { id: "rename", text: "Rename", iconName: "edit" },
          { id: "delete", text: "Delete", iconName: "remove" },
        ]}
        onItemClick={({ detail }) => (detail.id === "rename" ? setRenaming(true) : onDelete(session))}
      />
    </li>
  );
}

function RenameRow({ session, onDone }: { session: Session; onDone: () => void }) {
  const [title, setTitle] = useState(session.title);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted !== "" && wanted !== session.title) void rename(session, wanted);
    onDone();
  };
  return (
    <li className="session">
      <form onSubmit={submit}>
        <Input
          value={title}
          autoFocus
          ariaLabel="Conversation name"
          onChange={({ detail }) => setTitle(detail.value)}
          onKeyDown={({ detail }) => detail.key === "Escape" && onDone()}
          onBlur={onDone}
        />
      </form>
    </li>
  );
}
