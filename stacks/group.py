"""What every group of settings is."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Settings that belong together; a name that no setting has is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
