"""Signing in on one machine; on AWS the user pool does it."""
