drop table kosha.workspace_versions;
