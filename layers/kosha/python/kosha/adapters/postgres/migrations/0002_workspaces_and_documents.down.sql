drop table kosha.documents;
drop table kosha.grants;
drop table kosha.workspaces;
