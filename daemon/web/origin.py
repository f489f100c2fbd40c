"""Where a request comes from: from this host, from a page of ours, or from whom."""

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from daemon.web.deps import DEPS

FORWARDING = frozenset(
    {
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-host",
        "x-original-url",
        "x-proxyuser-ip",
        "x-envoy-external-address",
        "x-azure-clientip",
        "x-appengine-user-ip",
        "true-client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "cf-connecting-ip",
        "cdn-loop",
    }
)
FORWARDED = ("x-forwarded", "x-original-forwarded", "tailscale-")
"""What the names of further headers begin with that only a proxy sends."""

OURS = frozenset({"none", "same-origin"})
"""What a browser calls the site of a page of ours, or of no page."""


def suspicion(request: web.BaseRequest) -> str | None:
    """Return why a request does not certainly come from this host, None when it does."""
    if not _loopback(_peer(request)):
        return "you are connected from elsewhere"
    names = {name.lower().replace("_", "-") for name in request.headers}
    if any(name in FORWARDING or name.startswith(FORWARDED) for name in names):
        return "the request was forwarded by a proxy"
    hosts = request.headers.getall(hdrs.HOST, [])
    if len(hosts) != 1 or not _local_host(hosts[0]):
        return "the Host header is not that of this host"
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get(hdrs.ORIGIN)
    if site not in OURS or (origin is not None and origin != f"http://{hosts[0]}"):
        return "the request comes from a page of another site"
    return None


def elsewhere(request: web.Request) -> bool:
    """Say whether a browser says that a page which is none of ours has sent this."""
    if request.headers.get("Sec-Fetch-Site", "none") not in OURS:
        return True
    origin = request.headers.get(hdrs.ORIGIN)
    own = {request.host, _netloc(request.app[DEPS].public_url() or "")} - {""}
    return origin is not None and _netloc(origin) not in own


def encrypted(request: web.Request) -> bool:
    """Say whether a browser has come over HTTPS, to the proxy before us.

    Whoever says so falsely only gets a cookie that their browser does not take.
    """
    said = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    origin = request.headers.get(hdrs.ORIGIN, "")
    if said == "https" or (origin.startswith("https://") and not elsewhere(request)):
        return True
    public = urlsplit(request.app[DEPS].public_url() or "")
    return public.scheme == "https" and public.netloc == request.host


def caller(request: web.BaseRequest) -> str:
    """Return whom failed attempts are counted against: an address, of IPv6 its network.

    A proxy on this host is believed about who has asked it; others are taken for the caller themselves.
    """
    peer = _peer(request)
    if _loopback(peer):
        forwarded = request.headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2].strip()
        peer = forwarded or peer
    try:
        ip = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer[:100]
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return f"{IPv6Address(int(ip) >> 64 << 64)}/64"
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def _peer(request: web.BaseRequest) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) else ""


def _netloc(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _loopback(address: str) -> bool:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _local_host(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
    except ValueError:
        return False
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return plain and (name == "localhost" or _loopback(name))
