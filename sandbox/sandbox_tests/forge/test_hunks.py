"""A patch is numbered as in the two files."""

from __future__ import annotations

from liftgate_sandbox.forge.hunks import Line, lines

PATCH = """@@ -10,3 +10,3 @@ def f
 same
-old
+new
\\ No newline at end of file
@@ -90 +90,2 @@
+more"""


def test_every_line_has_its_number_on_each_side_it_is_on() -> None:
    assert list(lines(PATCH)) == [
        Line("hunk", None, None, "@@ -10,3 +10,3 @@ def f"),
        Line("same", 10, 10, "same"),
        Line("removed", 11, None, "old"),
        Line("added", None, 11, "new"),
        Line("hunk", None, None, "@@ -90 +90,2 @@"),
        Line("added", None, 90, "more"),
    ]
