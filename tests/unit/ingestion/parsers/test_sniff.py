"""What a file's first bytes say it is."""

import pytest

from kosha.ingestion.parsers.sniff import looks_like_html


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><p>",
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<html>',
        b"<!-- a --><!-- b -->\n<!---->\n<body>",
        b"<!-- <html> --> <head>",
    ],
)
def test_a_web_page_is_known_behind_its_comments(head: bytes) -> None:
    assert looks_like_html(head)


@pytest.mark.parametrize("head", [b"html", b"<p>one</p>", b"<!-- <html> -->", b"<!---->" * 500 + b"x"])
def test_comments_without_a_page_are_none(head: bytes) -> None:
    assert not looks_like_html(head)
