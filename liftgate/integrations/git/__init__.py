"""Git, by plumbing on a bare mirror: it uses no work tree, no hooks, no index and no configuration of a user."""
