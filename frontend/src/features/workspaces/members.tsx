/** With whom a workspace is shared. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { list, tell } from "@/shared/api";
import { queryClient } from "@/shared/queries";
import { Loaded, Refusal } from "@/shared/states";
import type { Grant, Member, Workspace } from "@/shared/types";

const GRANTS: readonly { value: Grant; label: string; description: string }[] = [
  { value: "viewer", label: "viewer", description: "Asks and reads" },
  { value: "editor", label: "editor", description: "Also adds and removes documents" },
  { value: "owner", label: "owner", description: "Also shares, changes and deletes the workspace" },
];

type Wish = { userName: string; grant: Grant | null };

export function Members({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const path = `/api/workspaces/${workspace.id}/members`;
  const members = useQuery({ queryKey: ["members", workspace.id], queryFn: () => list<Member>(path) });
  const changing = useMutation({
    mutationFn: ({ userName, grant }: Wish) => {
      const one = `${path}/${encodeURIComponent(userName)}`;
      return grant === null ? tell("DELETE", one) : tell("PUT", one, { grant });
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["members", workspace.id] }),
  });
  return (
    <Modal visible size="medium" header={`Members of "${workspace.name}"`} closeAriaLabel="Close" onDismiss={onClose}>
      <SpaceBetween size="l">
        <AddMember onAdd={(userName, grant) => changing.mutate({ userName, grant })} />
        {changing.error && <Refusal error={changing.error} />}
        <Loaded query={members} what="the members">
          {(all) => <MemberTable members={all} onChange={(wish) => changing.mutate(wish)} />}
        </Loaded>
      </SpaceBetween>
    </Modal>
  );
}

function AddMember({ onAdd }: { onAdd: (userName: string, grant: Grant) => void }) {
  const [userName, setUserName] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    if (userName.trim() === "") return;
    onAdd(userName.trim(), "viewer");
    setUserName("");
  };
  return (
    <form onSubmit={submit}>
      <FormField
        label="Share with"
        description="They begin as a viewer."
        secondaryControl={<Button disabled={userName.trim() === ""}>Add member</Button>}
      >
        <Input
          value={userName}
          placeholder="User name"
          autoFocus
          onChange={({ detail }) => setUserName(detail.value)}
        />
      </FormField>
    </form>
  );
}

function MemberTable({ members, onChange }: { members: readonly Member[]; onChange: (wish: Wish) => void }) {
  return (
    <Table
      variant="borderless"
      items={members}
      trackBy="userName"
      ariaLabels={{ tableLabel: "Members" }}
      columnDefinitions={[
        { id: "name", header: "User", isRowHeader: true, cell: (member) => member.userName },
        {
          id: "grant",
          header: "May",
          cell: (member) => (
            <Select
              ariaLabel={`Grant of ${member.userName}`}
              options={GRANTS}
              expandToViewport
              selectedOption={GRANTS.find((grant) => grant.value === member.grant) ?? null}
              onChange={({ detail }) =>
                onChange({ userName: member.userName, grant: detail.selectedOption.value as Grant })
              }
            />
          ),
        },
        {
          id: "remove",
          header: <span className="for-listeners">Remove</span>,
          cell: (member) => (
            <Button
              variant="icon"
              iconName="close"
              ariaLabel={`Remove ${member.userName}`}
              onClick={() => onChange({ userName: member.userName, grant: null })}
            />
          ),
        },
      ]}
    />
  );
}
