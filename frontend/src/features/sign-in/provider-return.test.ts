import { expect, test } from "vitest";
import { readReturn } from "@/features/sign-in/provider-return";

test("another house's answer is read from the address", () => {
  expect(readReturn("https://kosha.example/?code=c&state=s")).toEqual({ isGranted: true, why: "" });
  expect(readReturn("https://kosha.example/?error=access_denied&error_description=Not+today")).toEqual({
    isGranted: false,
    why: "Not today",
  });
});

test("a plain address is no answer", () => {
  expect(readReturn("https://kosha.example/chat/1?state=s")).toBeNull();
});
