import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { begin, goOn, sendCode, setPassword } from "@/features/sign-in/pool";
import { cognitoDesk, justSignedIn } from "@/shared/cognito-desk";
import { BeginAgain } from "@/shared/cognito-words";
import { FakeCognito, POOL, tokens } from "@/shared/fake-cognito";
import { Unreachable } from "@/shared/problem";

let cognito: FakeCognito;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  cognito = new FakeCognito();
  vi.stubGlobal("fetch", cognito.fetch);
  cognitoDesk(POOL);
});
afterEach(() => vi.unstubAllGlobals());

test("a password lets somebody in without being sent", async () => {
  cognito.willAnswer("RespondToAuthChallenge", tokens("ada"));
  expect(await begin("ada", "Larkspur-Mills-7")).toEqual({ name: "done" });
  expect((await justSignedIn(POOL))?.user.name).toBe("ada");
  expect(JSON.stringify(cognito.calls)).not.toContain("Larkspur-Mills-7");
});

test("a first sign-in takes a new password", async () => {
  const wanted = {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: "s",
    ChallengeParameters: { requiredAttributes: "[]", userAttributes: "{}" },
  };
  cognito.willAnswer("RespondToAuthChallenge", wanted, tokens("new"));
  expect(await begin("new", "first")).toEqual({ name: "newPassword" });
  expect(await goOn("new", "My-own-word-12")).toEqual({ name: "done" });
  expect(cognito.asked("RespondToAuthChallenge")[1]).toMatchObject({
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    ChallengeResponses: { NEW_PASSWORD: "My-own-word-12" },
  });
});

test("a second factor takes the code of an authenticator app", async () => {
  cognito.willAnswer(
    "RespondToAuthChallenge",
    { ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s", ChallengeParameters: {} },
    tokens("mia"),
  );
  expect(await begin("mia", "word")).toEqual({ name: "code" });
  expect(await goOn("mia", "123456")).toEqual({ name: "done" });
});

test("a pool that insists on codes gives the secret for an app, and the link that opens one", async () => {
  const wanted = {
    ChallengeName: "MFA_SETUP",
    Session: "s",
    ChallengeParameters: { MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
  };
  cognito.willAnswer("RespondToAuthChallenge", wanted, tokens("zoe"));
  cognito.willAnswer("AssociateSoftwareToken", { SecretCode: "ABCD", Session: "t" });
  cognito.willAnswer("VerifySoftwareToken", { Status: "SUCCESS", Session: "u" });
  const step = await begin("zoe", "word");
  expect(step).toMatchObject({ name: "codeSetup", secret: "ABCD" });
  expect(step).toHaveProperty("link", expect.stringMatching(/^otpauth:\/\/totp\/Kosha:zoe\?secret=ABCD/));
  expect(await goOn("zoe", "123456")).toEqual({ name: "done" });
});

test("a forgotten password is set anew with a code", async () => {
  const delivery = {
    CodeDeliveryDetails: { Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email" },
  };
  cognito.willAnswer("ForgotPassword", delivery);
  expect(await sendCode("ada")).toBe("a***@e***");
  await setPassword("ada", "123456", "My-own-word-12");
  expect(cognito.asked("ConfirmForgotPassword")).toMatchObject([
    { Username: "ada", ConfirmationCode: "123456", Password: "My-own-word-12" },
  ]);
});

test.each([
  ["NotAuthorizedException", "Incorrect username or password.", "The user name or the password is wrong."],
  ["UserNotFoundException", "User does not exist.", "The user name or the password is wrong."],
  ["NotAuthorizedException", "Password attempts exceeded", "Too many attempts. Wait some minutes, then try again."],
  ["NotAuthorizedException", "User is disabled.", "This account is switched off. Ask an administrator."],
  ["TooManyRequestsException", "Rate exceeded", "Too many attempts. Wait some minutes, then try again."],
])("%s (%s) is told in words", async (refused, message, words) => {
  cognito.willAnswer("RespondToAuthChallenge", { refused, message });
  await expect(begin("ada", "wrong")).rejects.toThrow(words);
});

test("a password against the rules says which", async () => {
  cognito.willAnswer("ConfirmForgotPassword", {
    refused: "InvalidPasswordException",
    message: "Password did not conform with policy: Password not long enough",
  });
  await expect(setPassword("ada", "1", "short")).rejects.toThrow("Password not long enough.");
});

test("a step that comes too late begins the sign-in again", async () => {
  const late = { refused: "NotAuthorizedException", message: "Invalid session for the user, session is expired." };
  cognito.willAnswer(
    "RespondToAuthChallenge",
    { ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s", ChallengeParameters: {} },
    late,
  );
  await begin("mia", "word");
  await expect(goOn("mia", "123456")).rejects.toBeInstanceOf(BeginAgain);
});

test("a pool that is away is not a wrong password", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(begin("ada", "word")).rejects.toBeInstanceOf(Unreachable);
});

test("somebody else's sign-in that was left here is no obstacle", async () => {
  cognito.willAnswer("RespondToAuthChallenge", tokens("ada"));
  await begin("ada", "word");
  cognito.willAnswer("RespondToAuthChallenge", tokens("ben"));
  expect(await begin("ben", "word")).toEqual({ name: "done" });
  expect((await justSignedIn(POOL))?.user.name).toBe("ben");
});
