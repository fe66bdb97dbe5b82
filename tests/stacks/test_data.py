"""What holds data is encrypted, never public, kept, restorable, and the tables are those that the library knows."""

import json
from dataclasses import asdict

from tests.stacks.synthesised import Resource, Synthesised

from kosha.adapters.aws.tables import TABLES
from kosha.adapters.postgres.migrate import migrations
from stacks import foundation

DATA = (
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::Cognito::UserPool",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::RDS::DBCluster",
)


def test_the_tables_are_those_that_the_library_describes() -> None:
    """The stacks and the library never import each other; this holds their two descriptions together."""
    deployed = {name: asdict(keys) for name, keys in foundation.TABLES.items()}
    assert deployed == {name: asdict(table) for name, table in TABLES.items()}


def test_every_table_has_its_keys_and_indexes(stage: Synthesised) -> None:
    for name, keys in foundation.TABLES.items():
        table = stage.one("AWS::DynamoDB::Table", f"Foundation/{name.capitalize()}/").properties
        assert [key["AttributeName"] for key in table["KeySchema"]] == [
            key for key in (keys.partition_key, keys.sort_key) if key
        ]
        assert {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])} == set(keys.indexes)
        assert table.get("TimeToLiveSpecification", {}).get("AttributeName") == keys.expires_at


def test_tables_bill_by_request_and_go_back_in_time(stage: Synthesised) -> None:
    for table in stage.resources("AWS::DynamoDB::Table"):
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST", table.path
        assert table.properties["SSESpecification"]["SSEEnabled"], table.path
        assert table.properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], table.path


def test_buckets_are_encrypted_and_closed_to_the_public(stage: Synthesised) -> None:
    for bucket in stage.resources("AWS::S3::Bucket"):
        assert bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"], bucket.path
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}, bucket.path
        assert bucket.properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], (
            bucket.path
        )


def test_what_was_overwritten_in_a_bucket_or_deleted_by_hand_can_be_had_back_and_then_goes(
    real_stage: Synthesised,
) -> None:
    for path in ("Foundation/Uploads/", "Foundation/Processing/"):
        bucket = real_stage.one("AWS::S3::Bucket", path).properties
        [rule] = bucket["LifecycleConfiguration"]["Rules"]
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_buckets_queues_and_topics_refuse_connections_without_tls(real_stage: Synthesised) -> None:
    guarded = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic")
    policies = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    refusing = {
        (policy.stack, name)
        for policy in real_stage.resources(*policies)
        if _refuses_plain_text(policy)
        for name in _guarded_by(policy)
    }
    assert {(each.stack, each.name) for each in real_stage.resources(*guarded)} <= refusing


def test_keys_of_ours_are_renewed_every_year(stage: Synthesised) -> None:
    for key in stage.resources("AWS::KMS::Key"):
        assert key.properties["EnableKeyRotation"] is True, key.path


def test_data_stays_when_a_real_stage_is_removed(real_stage: Synthesised) -> None:
    for resource in real_stage.resources(*DATA):
        if resource.stack not in {"Foundation", "Search"}:
            continue  # the web's files are built again
        kept = "Snapshot" if resource.type == "AWS::RDS::DBCluster" else "Retain"
        if not resource.path.startswith("Search/Database/Secret"):  # made anew with the database it opens
            assert resource.whole["DeletionPolicy"] == kept, resource.path
            assert resource.whole["UpdateReplacePolicy"] == kept, resource.path


def test_data_is_in_two_stacks_only(stage: Synthesised) -> None:
    assert {resource.stack for resource in stage.resources(*DATA)} <= {"Foundation", "Search", "Web"}


def test_the_database_sleeps_is_encrypted_wants_tls_and_cannot_be_deleted_by_mistake(real_stage: Synthesised) -> None:
    [cluster] = real_stage.resources("AWS::RDS::DBCluster")
    [parameters] = real_stage.resources("AWS::RDS::DBClusterParameterGroup")
    assert cluster.properties["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "SecondsUntilAutoPause": 300,
    }
    assert cluster.properties["StorageEncrypted"] is True
    assert cluster.properties["DeletionProtection"] is True
    assert parameters.properties["Parameters"]["rds.force_ssl"] == "1"


def test_a_migration_that_is_new_has_the_database_set_up_at_the_next_deployment(stage: Synthesised) -> None:
    [made] = stage.resources("Custom::DatabaseSetup")
    newest = migrations()[-1]
    assert made.properties["Schema"] == f"{newest.version:04}_{newest.name}"


def test_the_database_stands_in_the_isolated_subnets(real_stage: Synthesised) -> None:
    [group] = real_stage.resources("AWS::RDS::DBSubnetGroup")
    assert len(group.properties["SubnetIds"]) == 2
    assert "isolated" in json.dumps(group.properties["SubnetIds"])
    isolated = [each for each in real_stage.resources("AWS::EC2::Route") if "isolatedSubnet" in each.path]
    assert isolated == [], "an isolated subnet has no way out"


def _refuses_plain_text(policy: Resource) -> bool:
    return any(
        statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy.properties["PolicyDocument"]["Statement"]
    )


def _guarded_by(policy: Resource) -> list[str]:
    told = policy.properties.get("Bucket") or policy.properties.get("Queues") or policy.properties.get("Topics")
    return [each["Ref"] for each in (told if isinstance(told, list) else [told])]
