/** The people of this machine: who they are, what they may do. For administrators. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { AddUser, ChangeRoles } from "@/features/users/user-forms";
import { list, tell } from "@/shared/api";
import { Confirm } from "@/shared/confirm";
import { usePageTitle } from "@/shared/page-title";
import { queryClient } from "@/shared/queries";
import { Loaded } from "@/shared/states";
import type { UserAccount } from "@/shared/types";

type Doing = { kind: "add" } | { kind: "roles" | "delete"; account: UserAccount } | null;

export function UsersPage({ myName }: { myName: string }) {
  const users = useQuery({ queryKey: ["users"], queryFn: () => list<UserAccount>("/api/users") });
  const [doing, setDoing] = useState<Doing>(null);
  usePageTitle("Users");
  const done = (): void => {
    setDoing(null);
    void queryClient.invalidateQueries({ queryKey: ["users"] });
  };
  return (
    <Loaded query={users} what="the users">
      {(accounts) => (
        <>
          <UserTable accounts={accounts} myName={myName} onDo={setDoing} />
          {doing?.kind === "add" && <AddUser onDone={done} onCancel={() => setDoing(null)} />}
          {doing?.kind === "roles" && (
            <ChangeRoles account={doing.account} onDone={done} onCancel={() => setDoing(null)} />
          )}
          {doing?.kind === "delete" && (
            <Confirm
              title={`Delete ${doing.account.userName}`}
              verb="Delete user"
              act={() => tell("DELETE", `/api/users/${encodeURIComponent(doing.account.userName)}`)}
              onDone={done}
              onCancel={() => setDoing(null)}
            >
              <Box>{`${doing.account.userName} can no longer sign in, and their conversations go with them. This cannot be undone.`}</Box>
            </Confirm>
          )}
        </>
      )}
    </Loaded>
  );
}

function UserTable({
  accounts,
  myName,
  onDo,
}: {
  accounts: readonly UserAccount[];
  myName: string;
  onDo: (doing: Doing) => void;
}) {
  return (
    <Table
      variant="full-page"
      header={
        <Header
          variant="h1"
          counter={`(${accounts.length})`}
          actions={
            <Button variant="primary" onClick={() => onDo({ kind: "add" })}>
              Add user
            </Button>
          }
        >
          Users
        </Header>
      }
      items={accounts}
      trackBy="userName"
      wrapLines
      ariaLabels={{ tableLabel: "Users" }}
      columnDefinitions={[
        {
          id: "name",
          header: "Name",
          isRowHeader: true,
          cell: (account) => (account.userName === myName ? `${account.userName} (you)` : account.userName),
        },
        { id: "roles", header: "Roles", cell: (account) => account.roles.join(", ") },
        {
          id: "actions",
          header: "Actions",
          cell: (account) => (
            <SpaceBetween direction="horizontal" size="m">
              <Button
                variant="inline-link"
                ariaLabel={`Change roles of ${account.userName}`}
                onClick={() => onDo({ kind: "roles", account })}
              >
                Roles
              </Button>
              {account.userName !== myName && (
                <Button
                  variant="inline-link"
                  ariaLabel={`Delete ${account.userName}`}
                  onClick={() => onDo({ kind: "delete", account })}
                >
                  Delete
                </Button>
              )}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
