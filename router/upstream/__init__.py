"""The way to the upstreams: HTTP/1.1 connections, pools, balancing, breaking, credentials."""
