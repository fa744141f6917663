"""What script/server and script/test are made of: from a bare machine to a running product."""
