"""Who may talk to the preview page."""

import hmac
import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from reviewcast.web.hosts import is_own_host

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
    " media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cache-control": "no-store",
}


def guard(app: ASGIApp, *, token: str, port: int, names: frozenset[str]) -> ASGIApp:
    """Return an app that accepts requests by our name, with the token, from our own page alone.

    The name keeps out a foreign page whose domain was pointed at this machine, the cookie other
    users of it, the origin foreign pages that send a form.
    """
    cookie = f"reviewcast-{port}"  # browsers do not tell ports apart

    def refuse(request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not is_own_host(host, names, port=port):
            return PlainTextResponse("This is not the address of the preview.\n", 421)
        if request.method == "GET" and request.url.path == "/" and "token" in request.query_params:
            if not _is_same(request.query_params["token"], token):
                return PlainTextResponse("The token is not the one of this run.\n", 403)
            redirect = RedirectResponse("/", 303)
            redirect.set_cookie(cookie, token, httponly=True, samesite="strict", path="/")
            return redirect
        if not _is_same(request.cookies.get(cookie, ""), token):
            return PlainTextResponse("Open the address that reviewcast printed.\n", 403)
        if request.method not in {"GET", "HEAD"} and not _is_same(
            request.headers.get("origin", ""), f"http://{host}"
        ):
            return PlainTextResponse("Only the page itself may change things.\n", 403)
        return None

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        nonce = secrets.token_urlsafe(16)
        scope["nonce"] = nonce
        # one stretch is all that a player asks for; more of them is work for nothing
        scope["headers"] = [
            (name, value)
            for name, value in scope["headers"]
            if not (name == b"range" and b"," in value)
        ]

        async def send_safely(part: Part) -> None:
            if part["type"] == "http.response.start":
                given = {name for name, _ in part["headers"]}
                safe = {**_HEADERS, "content-security-policy": _POLICY.format(nonce=nonce)}
                part["headers"] = [
                    *part["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in safe.items()
                        if name.encode() not in given
                    ),
                ]
            await send(part)

        refusal = refuse(Request(scope))
        await (refusal or app)(scope, receive, send_safely)

    return guarded


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
