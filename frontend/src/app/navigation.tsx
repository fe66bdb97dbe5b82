/** The left column: a new chat, conversations, the other pages, oneself. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import { newChat } from "@/app/next-session";
import type { Route } from "@/app/pages";
import { SessionList } from "@/features/sessions/session-list";
import { useManagesUsers } from "@/app/manages-users";
import { signOut } from "@/shared/auth";
import { AppLink, navigate } from "@/shared/router";
import { useStore } from "@/shared/store";
import { theme, type Theme } from "@/shared/theme";
import type { User } from "@/shared/types";
import { settleAll } from "@/shared/undoable";

const THEMES: Readonly<Record<Theme, string>> = { light: "Light", dark: "Dark", system: "As the system" };

export function Navigation({ user, route }: { user: User; route: Route }) {
  const managesUsers = useManagesUsers(user);
  const pages = [
    { to: "/workspaces", label: "Workspaces", current: route.page === "workspaces" || route.page === "workspace" },
    { to: "/search", label: "Search lab", current: route.page === "search" },
    { to: "/embeddings", label: "Embeddings", current: route.page === "embeddings" },
    { to: "/cross-encoders", label: "Cross-encoders", current: route.page === "cross-encoders" },
    ...(managesUsers ? [{ to: "/users", label: "Users", current: route.page === "users" }] : []),
  ];
  return (
    <div className="nav">
      <a className="nav-brand" href="/" onClick={(event) => (event.preventDefault(), newChat())}>
        <img src="/favicon.svg" alt="" />
        Kosha
      </a>
      <Button iconName="add-plus" fullWidth ariaLabel="New chat" onClick={newChat}>
        New chat
      </Button>
      <div className="nav-rest">
        <SessionList currentId={route.page === "chat" && route.isStored ? route.sessionId : null} onLeave={newChat} />
      </div>
      <nav className="nav-pages" aria-label="Pages">
        <ul>
          {pages.map((page) => (
            <li key={page.to}>
              <AppLink to={page.to} aria-current={page.current ? "page" : undefined}>
                {page.label}
              </AppLink>
            </li>
          ))}
        </ul>
      </nav>
      <AccountMenu user={user} />
    </div>
  );
}

function leave(): void {
  settleAll();
  void signOut();
  navigate("/");
}

function AccountMenu({ user }: { user: User }) {
  const chosen = useStore(theme);
  const themes = (Object.keys(THEMES) as Theme[]).map((id): ButtonDropdownProps.CheckboxItem => ({
    id,
    itemType: "checkbox",
    text: THEMES[id],
    checked: id === chosen,
  }));
  const act = (id: string): void => {
    if (id === "account") navigate("/account");
    else if (id === "sign-out") leave();
    else theme.set(id as Theme);
  };
  return (
    <ButtonDropdown
      fullWidth
      expandToViewport
      ariaLabel={`${user.name}: account and theme`}
      items={[
        { id: "account", text: "Account and password", iconName: "user-profile" },
        { id: "themes", text: "Theme", items: themes },
        { id: "sign-out", text: "Sign out" },
      ]}
      onItemClick={({ detail }) => act(detail.id)}
    >
      {user.name}
    </ButtonDropdown>
  );
}
