drop table kosha.executions;
drop table kosha.replies;
drop table kosha.single_use_tokens;
drop table kosha.accounts;
