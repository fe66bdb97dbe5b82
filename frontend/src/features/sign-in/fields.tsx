/** The fields of the sign-in forms, as password managers know them. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";

type Field = { value: string; onChange: (value: string) => void; isFirst?: boolean };

export function NameField({ value, onChange, isFirst }: Field) {
  return (
    <FormField label="User name">
      <Input
        value={value}
        autoComplete="username"
        autoFocus={isFirst}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

export function PasswordField({ value, onChange, isFirst }: Field) {
  return (
    <FormField label="Password">
      <Input
        type="password"
        value={value}
        autoComplete="current-password"
        autoFocus={isFirst}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

/** `userName`: whose it becomes, which a password manager reads in a field that nobody sees. */
export function NewPasswordField({ value, onChange, isFirst, userName }: Field & { userName: string }) {
  return (
    <div>
      <input type="text" autoComplete="username" value={userName} readOnly hidden />
      <FormField
        label="New password"
        constraintText="At least 12 characters, with upper and lower case, a digit and a symbol."
      >
        <Input
          type="password"
          value={value}
          autoComplete="new-password"
          autoFocus={isFirst}
          onChange={({ detail }) => onChange(detail.value)}
        />
      </FormField>
    </div>
  );
}

export function CodeField({ value, onChange, isFirst }: Field) {
  return (
    <FormField label="Code">
      <Input
        value={value}
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus={isFirst}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

type Both = { name: string; password: string; onName: (name: string) => void; onPassword: (password: string) => void };

/** The name is asked first, unless it is known. */
export function NameAndPassword({ name, password, onName, onPassword, isKnown }: Both & { isKnown?: boolean }) {
  return (
    <SpaceBetween size="m">
      <NameField value={name} onChange={onName} isFirst={!isKnown} />
      <PasswordField value={password} onChange={onPassword} isFirst={isKnown} />
    </SpaceBetween>
  );
}
