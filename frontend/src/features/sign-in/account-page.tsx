/** One's own account: name, roles, password. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { changePassword, signedIn } from "@/shared/auth";
import { place } from "@/shared/place";
import { usePageTitle } from "@/shared/page-title";
import { Refusal } from "@/shared/states";
import { useStore } from "@/shared/store";
import type { User } from "@/shared/types";

export function AccountPage({ user }: { user: User }) {
  const byProvider = useStore(signedIn)?.byProvider ?? false; // whoever has their password changes it
  usePageTitle("Account");
  return (
    <ContentLayout header={<Header variant="h1">Account</Header>}>
      <SpaceBetween size="l">
        <Container>
          <KeyValuePairs
            columns={2}
            items={[
              { label: "User name", value: user.name },
              { label: "Roles", value: user.roles.join(", ") },
            ]}
          />
        </Container>
        {!byProvider && <PasswordForm />}
      </SpaceBetween>
    </ContentLayout>
  );
}

function PasswordForm() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const changing = useMutation({
    mutationFn: () => changePassword(old, next),
    onSuccess: () => {
      setOld("");
      setNext("");
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (next !== "") changing.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Container header={<Header variant="h2">Password</Header>}>
        <SpaceBetween size="m">
          <FormField
            label="Current password"
            description={
              place.get().signIn === "local" && "Leave it empty if you came by a sign-in link and have none yet."
            }
          >
            <Input
              type="password"
              value={old}
              autoComplete="current-password"
              onChange={({ detail }) => setOld(detail.value)}
            />
          </FormField>
          <FormField label="New password">
            <Input
              type="password"
              value={next}
              autoComplete="new-password"
              onChange={({ detail }) => setNext(detail.value)}
            />
          </FormField>
          {changing.error && <Refusal error={changing.error} />}
          {changing.isSuccess && <Alert type="success">Your password is changed.</Alert>}
          <Button variant="primary" loading={changing.isPending} disabled={next === ""}>
            Change password
          </Button>
        </SpaceBetween>
      </Container>
    </form>
  );
}
