drop table kosha.staged_chunks;
drop schema vectors cascade;
drop extension vector;
