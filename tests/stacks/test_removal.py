"""Taking a stage down: stacks that hold data stand unless they are released, and what stays is said by name."""

import pytest
from stacks.removal import Data, take_down
from tests.stacks.deployed import Deployed


@pytest.fixture
def cloudformation() -> Deployed:
    bucket = ("AWS::S3::Bucket", "kosha-mine-uploads", "Retain")
    cluster = ("AWS::RDS::DBCluster", "kosha-mine-database", "Snapshot")
    queue = ("AWS::SQS::Queue", "kosha-mine-arrivals", "Delete")
    return Deployed(
        resources={
            "kosha-mine-foundation": {"Bucket": bucket, "Queue": queue},
            "kosha-mine-search": {"Cluster": cluster},
            "kosha-mine-chat": {"Queue": queue},
            "kosha-mine-observability": {"Queue": queue},
        }
    )


def destroy(cloudformation: Deployed, data: Data = "keep", *, goes_on: bool = True, stage: str = "mine") -> str:
    return "\n".join(take_down(cloudformation, stage, data, goes_on=lambda: goes_on))


def test_what_stays_is_said_by_name_before_and_after(cloudformation: Deployed) -> None:
    before, _, after = destroy(cloudformation).partition("gone: kosha-mine-chat")
    for told in (before, after):
        assert "kosha-mine-uploads" in told
        assert "kosha-mine-database (a snapshot of it)" in told
        assert "kosha-mine-arrivals" not in told


def test_stacks_that_hold_data_stand(cloudformation: Deployed) -> None:
    destroy(cloudformation)
    assert cloudformation.stacks == {"kosha-mine-foundation", "kosha-mine-search"}


def test_what_uses_others_goes_before_what_it_uses(cloudformation: Deployed) -> None:
    destroy(cloudformation, "release")
    order = ["observability", "chat", "search", "foundation"]
    assert cloudformation.deleted == [f"kosha-mine-{part}" for part in order]


def test_nothing_is_changed_where_somebody_thinks_better_of_it(cloudformation: Deployed) -> None:
    assert destroy(cloudformation, goes_on=False).endswith("Nothing was changed.")
    assert cloudformation.deleted == []


def test_a_stage_that_is_not_deployed_is_said_to_be_none(cloudformation: Deployed) -> None:
    assert "is not deployed here" in destroy(cloudformation, stage="other")
