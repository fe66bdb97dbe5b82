/** Which page stands at which address. */
import { lazy, useMemo } from "react";
import { useManagesUsers } from "@/app/manages-users";
import { nextSession } from "@/app/next-session";
import type { ChatClient } from "@/features/chat/chat-client";
import { ChatPage } from "@/features/chat/chat-page";
import { prefer } from "@/features/chat/preferences";
import { FirstRun } from "@/features/workspaces/first-run";
import { navigate, usePath } from "@/shared/router";
import { EmptyState } from "@/shared/states";
import { useStore } from "@/shared/store";
import type { User } from "@/shared/types";

const AccountPage = lazy(() =>
  import("@/features/sign-in/account-page").then((module) => ({ default: module.AccountPage })),
);
const UsersPage = lazy(() => import("@/features/users/users-page").then((module) => ({ default: module.UsersPage })));
const WorkspacesPage = lazy(() =>
  import("@/features/workspaces/workspaces-page").then((module) => ({ default: module.WorkspacesPage })),
);
const SearchPage = lazy(() =>
  import("@/features/retrieval/search-page").then((module) => ({ default: module.SearchPage })),
);
const EmbeddingsPage = lazy(() =>
  import("@/features/retrieval/embeddings-page").then((module) => ({ default: module.EmbeddingsPage })),
);
const CrossEncodersPage = lazy(() =>
  import("@/features/retrieval/cross-encoders-page").then((module) => ({ default: module.CrossEncodersPage })),
);
const WorkspacePage = lazy(() => import("@/app/workspace-page").then((module) => ({ default: module.WorkspacePage })));

/** `key` changes when the page has to begin anew. */
export type Route =
  | { page: "chat"; key: string; sessionId: string; isStored: boolean }
  | { page: "workspace"; key: string; workspaceId: string; part: WorkspacePart; documentId?: string }
  | { page: Plain | "unknown"; key: string };

export type WorkspacePart = "documents" | "sources" | "settings";
const PLAIN = ["workspaces", "search", "embeddings", "cross-encoders", "users", "account"] as const;
type Plain = (typeof PLAIN)[number];

export function routeOf(path: string, newSessionId: string): Route {
  const [first = "", id, ...rest] = path.split("/").slice(1);
  if (first === "workspaces" && id) return workspaceRoute(path, id, rest);
  if (rest.length > 0) return { page: "unknown", key: path };
  if (first === "") return { page: "chat", key: newSessionId, sessionId: newSessionId, isStored: false };
  if (first === "chat" && id) return { page: "chat", key: id, sessionId: id, isStored: true };
  const plain = PLAIN.find((page) => page === first);
  return { page: plain !== undefined && !id ? plain : "unknown", key: path };
}

/** The parts of a workspace are one page: its head stays while one goes from one to another. */
function workspaceRoute(path: string, workspaceId: string, [part, documentId, ...rest]: string[]): Route {
  if (rest.length > 0) return { page: "unknown", key: path };
  const page = { page: "workspace", key: `/workspaces/${workspaceId}`, workspaceId } as const;
  if (part === undefined) return { ...page, part: "documents" };
  if (part === "documents" && documentId) return { ...page, key: path, part, documentId };
  if ((part === "sources" || part === "settings") && documentId === undefined) return { ...page, part };
  return { page: "unknown", key: path };
}

export function useRoute(): Route {
  const path = usePath();
  const newSessionId = useStore(nextSession);
  return useMemo(() => routeOf(path, newSessionId), [path, newSessionId]);
}

const mayCreate = (user: User): boolean => user.roles.some((role) => role !== "user");

export function Page({ route, user, client }: { route: Route; user: User; client: ChatClient }) {
  const firstRun = (
    <FirstRun
      mayCreate={mayCreate(user)}
      onSampleReady={(workspace) => (prefer({ workspaceId: workspace.id }), navigate("/"))}
    />
  );
  switch (route.page) {
    case "chat":
      return (
        <ChatPage
          key={route.key}
          client={client}
          sessionId={route.sessionId}
          isStored={route.isStored}
          userName={user.name}
          onStarted={(sessionId) => navigate(`/chat/${sessionId}`)}
          firstRun={firstRun}
        />
      );
    case "workspaces":
      return <WorkspacesPage mayCreate={mayCreate(user)} firstRun={firstRun} />;
    case "workspace":
      return (
        <WorkspacePage
          key={route.key}
          workspaceId={route.workspaceId}
          part={route.part}
          documentId={route.documentId}
          isAdmin={user.roles.includes("admin")}
        />
      );
    case "search":
      return <SearchPage />;
    case "embeddings":
      return <EmbeddingsPage />;
    case "cross-encoders":
      return <CrossEncodersPage />;
    case "users":
      return <Users user={user} />;
    case "account":
      return <AccountPage user={user} />;
    case "unknown":
      return <EmptyState title="There is no page at this address">Choose one in the left column.</EmptyState>;
  }
}

function Users({ user }: { user: User }) {
  if (useManagesUsers(user)) return <UsersPage myName={user.name} />;
  return (
    <EmptyState title="People are not managed here">
      An administrator manages them, where they sign in: at this server, or in its user pool.
    </EmptyState>
  );
}
