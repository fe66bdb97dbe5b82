"""The parts of a crawl: addresses, what pages, sitemaps, feeds and robots.txt say, and one visit."""
