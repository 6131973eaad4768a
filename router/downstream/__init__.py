"""The side towards callers: our HTTP/1.1 server protocol, receive and send, CORS."""
