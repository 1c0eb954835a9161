"""The report page: one HTML file that shows a net, with nothing to install and nothing fetched.

Python makes the numbers (`document`), all of them from `cnndsl.analysis`, and the picture (`picture`); the files in
`page/` show them; `assembly` joins the three.
"""

from __future__ import annotations

from cnndsl.report.assembly import assemble, broken
from cnndsl.report.document import document
from cnndsl.report.write import write

__all__ = ["assemble", "broken", "document", "write"]
