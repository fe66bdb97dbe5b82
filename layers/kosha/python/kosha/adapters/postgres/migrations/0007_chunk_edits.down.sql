drop index kosha.documents_pending;
drop table kosha.chunk_edits;
