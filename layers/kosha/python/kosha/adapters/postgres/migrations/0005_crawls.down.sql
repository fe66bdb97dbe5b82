drop table kosha.schedules;
drop table kosha.crawl_hosts;
drop table kosha.crawl_pages;
drop table kosha.crawl_links;
