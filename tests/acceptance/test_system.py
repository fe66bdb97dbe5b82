"""Health, models, engines, and what this version does not have."""

from tests.acceptance.client import User
from tests.acceptance.target import Target


async def test_health_needs_no_sign_in(admin: User, target: Target) -> None:
    reply = await admin.raw("GET", f"{target.url}/api/health", is_signed_in=False)
    assert reply.status == 200
    assert reply.body["status"] in ("ok", "degraded")
    assert reply.body["version"]
    assert all(part["status"] for part in reply.body["components"].values())


async def test_models_are_listed_with_whether_they_can_be_used(ben: User) -> None:
    models = (await ben.get("llms")).items
    assert any(model["available"] for model in models)
    for model in models:
        assert {"provider", "name", "label", "streaming", "contextTokens", "maxOutputTokens"} <= model.keys()
        assert model["available"] or model["reason"]


async def test_engines_are_listed(ben: User) -> None:
    engines = (await ben.get("rag/engines")).items
    assert any(engine["enabled"] for engine in engines)
    assert all({"id", "name", "enabled"} <= engine.keys() for engine in engines)


async def test_an_embedding_model_gives_a_vector_a_text(ben: User) -> None:
    [model, *_] = (await ben.get("embeddings/models")).items
    ids = {"provider": model["provider"], "model": model.get("model") or model["name"]}
    reply = await ben.post("embeddings", {**ids, "input": ["one", "two"], "task": "query"})
    assert reply.status in (200, 201), reply.text
    assert [len(vector) for vector in reply.body["embeddings"]] == [reply.body["dimensions"]] * 2


async def test_cross_encoder_models_are_listed(ben: User) -> None:
    assert isinstance((await ben.get("cross-encoders/models")).items, list)


async def test_a_cross_encoder_that_is_not_at_hand_is_named(ben: User) -> None:
    wanted = {"provider": "nobody", "model": "nothing", "query": "one", "passages": ["two"]}
    reply = await ben.post("cross-encoders", wanted)
    assert reply.status == 422, reply.text
    assert "nobody/nothing" in reply.body["detail"]


async def test_an_unknown_route_is_a_problem_too(ada: User) -> None:
    reply = await ada.get("no/such/route")
    assert reply.status == 404
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert {"type", "title", "status", "detail"} <= reply.body.keys()
