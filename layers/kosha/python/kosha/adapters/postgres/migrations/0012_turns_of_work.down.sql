drop index kosha.documents_by_status;
drop table kosha.lanes;
drop index kosha.executions_running;
drop index kosha.executions_waiting;
alter table kosha.executions drop column lane;
