drop table kosha.document_vectors;
