drop table kosha.executions;
drop table kosha.replies;
drop table kosha.one_time_tokens;
drop table kosha.refresh_tokens;
drop table kosha.accounts;
