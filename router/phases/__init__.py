"""The phases of one request, a file each; `router.gateway` calls them in their fixed order."""
