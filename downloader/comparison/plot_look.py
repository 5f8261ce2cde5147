"""How pictures look: colours of the Okabe-Ito palette, which colour-blind readers can tell apart.

Markers, line styles and hatches say the same once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY, DARK = "#0072B2", "#E69F00", "#BBBBBB", "#444444"


def plain(axes: Axes) -> None:
    """Leave the frame open at the top and on the right."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3)
