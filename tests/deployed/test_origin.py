"""The one origin, and what lies behind it."""

import aiohttp
import pytest
from emulated.run import PAGES, Deployed
from tests.acceptance.client import User

pytestmark = pytest.mark.slow


async def test_the_ui_is_at_the_root_and_learns_where_to_sign_in(
    deployment: Deployed, http: aiohttp.ClientSession
) -> None:
    for path in ("/", "/sessions/of-the-ui"):
        async with http.get(deployment.url + path) as reply:
            assert await reply.read() == (PAGES / "index.html").read_bytes()
    async with http.get(f"{deployment.url}/kosha.json") as reply:
        told = await reply.json()
    assert told["userPoolId"] == deployment.outputs["UserPoolId"]


async def test_whoever_goes_round_the_origin_is_refused(
    ben: User, deployment: Deployed, http: aiohttp.ClientSession
) -> None:
    for path in ("health", "me"):
        reply = await ben.raw("GET", f"{deployment.outputs['ApiUrl']}/api/{path}")
        assert reply.status == 403, reply.text
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(deployment.outputs["SocketUrl"], params={"token": ben.token})
    assert refused.value.status == 401
