"""The web as the port `Web` sees it: one request at a time, only to addresses that anybody may reach."""
