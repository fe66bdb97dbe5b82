"""The ports on Amazon's services; boto3 is spoken here and in `adapters.models` only."""
