/** Adding a user, and changing what one may do. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { patch, post } from "@/shared/api";
import { FormModal } from "@/shared/form-modal";
import type { Role, UserAccount } from "@/shared/types";

const ROLES: readonly (MultiselectProps.Option & { value: Role })[] = [
  { value: "user", label: "user", description: "Asks, and works in workspaces shared with them" },
  { value: "manager", label: "manager", description: "May also create workspaces" },
  { value: "admin", label: "admin", description: "Manages users, models and limits" },
];

function RolePicker({ roles, onChange }: { roles: readonly Role[]; onChange: (roles: Role[]) => void }) {
  return (
    <FormField label="Roles">
      <Multiselect
        options={ROLES}
        selectedOptions={ROLES.filter((role) => roles.includes(role.value))}
        onChange={({ detail }) =>
          onChange(
            ROLES.filter((role) => detail.selectedOptions.some((option) => option.value === role.value)).map(
              (role) => role.value,
            ),
          )
        }
        placeholder="Choose at least one"
        deselectAriaLabel={(option) => `Remove ${option.label ?? ""}`}
      />
    </FormField>
  );
}

type FormProps = { onDone: () => void; onCancel: () => void };

export function AddUser({ onDone, onCancel }: FormProps) {
  const [userName, setUserName] = useState("");
  const [password, setPassword] = useState("");
  const [roles, setRoles] = useState<Role[]>(["user"]);
  return (
    <FormModal
      title="Add user"
      verb="Add user"
      disabled={userName.trim() === "" || password === "" || roles.length === 0}
      send={() => post("/api/users", { userName: userName.trim(), password, roles })}
      onDone={onDone}
      onCancel={onCancel}
    >
      <FormField label="User name">
        <Input value={userName} autoFocus autoComplete="off" onChange={({ detail }) => setUserName(detail.value)} />
      </FormField>
      <FormField label="First password" description="They can change it under Account.">
        <Input
          type="password"
          value={password}
          autoComplete="new-password"
          onChange={({ detail }) => setPassword(detail.value)}
        />
      </FormField>
      <RolePicker roles={roles} onChange={setRoles} />
    </FormModal>
  );
}

export function ChangeRoles({ account, onDone, onCancel }: FormProps & { account: UserAccount }) {
  const [roles, setRoles] = useState<Role[]>(account.roles);
  return (
    <FormModal
      title={`Roles of ${account.userName}`}
      verb="Save roles"
      disabled={roles.length === 0}
      send={() => patch(`/api/users/${encodeURIComponent(account.userName)}`, { roles })}
      onDone={onDone}
      onCancel={onCancel}
    >
      <RolePicker roles={roles} onChange={setRoles} />
    </FormModal>
  );
}
