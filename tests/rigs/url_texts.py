"""Texts that are URLs, nearly are, or are far from it."""

from __future__ import annotations

from hypothesis import strategies as st

# Paths and queries that signatures cover, and that servers read in ways of their own.
GIVEN = [
    *("/a?sig=x%2by%3D&X=%7e", "/%2b%2B%2f/%c3%bc", "/{x}|[y]", "/100%", "/%zz?%", "/%2"),
    *("//a//b//", "/a/../b/./c", "/../..", "/a?x=/../y", "/?", "/a?", "/a??b=?", "/a?b&&c=+"),
    *("/a;b=c:d@e,f!$&'()*+~", '/"<>^`', '/a?q={"k":[1|2]}', "/%00", "/a?b=c%20d%0A"),
]

PIECES = [
    *"@:/?#[]%.;&=~!$,*'()\\ \t\n\x00\x7f|^`{}<>\"",
    *("http", "https", "HTTP", "://", "//", "h", "xn--a", "%41", "%2F", "%zz", "..", "/../", "/./"),
    *(
        "0x7f.1",
        "127.1",
        "::1",
        "[::1]",
        "80",
        "99999",
        "ü",
        "ß",
        "。",
        "\uff11",
        "\u202e",
        "\udcff",
    ),
    *("user:pass@", "example.org", "\u2100", "\u200d", "\u0301", "\u0660"),
]
TEXTS = st.one_of(
    st.text(st.characters(codec=None)),
    st.lists(st.sampled_from(PIECES)).map("".join),
    st.lists(st.sampled_from(PIECES)).map(lambda pieces: "http://h" + "".join(pieces)),
    st.lists(st.sampled_from(PIECES)).map(lambda pieces: "http://" + "".join(pieces)),
)
