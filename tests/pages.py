"""What every page of a report keeps."""

from html.parser import HTMLParser


class Tags(HTMLParser):
    """Every opened element is closed."""

    void = {"meta", "br", "img", "hr", "link"}

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
    """A page is whole, runs no script and loads nothing."""
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
