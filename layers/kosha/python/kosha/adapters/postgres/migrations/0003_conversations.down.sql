drop table kosha.feedback;
drop table kosha.forgotten_documents;
drop table kosha.message_documents;
drop table kosha.turn_deltas;
drop table kosha.turns;
drop table kosha.messages;
drop function kosha.words;
drop table kosha.sessions;
