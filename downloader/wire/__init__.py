"""HTTP/1.1 on sockets: connections, one exchange on them, and how a reply ends."""
