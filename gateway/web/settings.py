"""What an operator may say about the web page. Values are checked where the configuration is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`url` is what customers' browsers see, `host` and `port` where we listen for whoever ends TLS for us.

    Metrics have a door of their own, which nobody outside need reach; `metrics_port` 0 closes it. Port 0 of the page
    lets the kernel choose one. `timeout_seconds` bounds the transfer of one request, and of one answer.
    """

    url: str
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    link_days: int = 30
    change_hours: int = 24
    connections: int = 100
    connections_per_peer: int = 100
    timeout_seconds: float = 10
