"""Who calls: the chain of methods that turn a credential into a principal."""
