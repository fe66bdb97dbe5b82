drop table kosha.source_files;
drop table kosha.sources;
