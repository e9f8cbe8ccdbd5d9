"""What every page of a report keeps."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise


class Tags(HTMLParser):
    """Every opened element is closed."""

    void = {"meta", "br", "img", "hr", "link", "input"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(page):
    """A page is whole, runs no script but its own and loads nothing; its headings are in order."""
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    for element, kind in (("script", "script"), ("style", "style")):
        assert page.count(f"<{element}") == 1
        inside = page.partition(f"<{element}>")[2].partition(f"</{element}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert not re.search(r"<[^>]* style=", page)
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[:1] == [1]
    assert all(after - before <= 1 for before, after in pairwise(levels))
