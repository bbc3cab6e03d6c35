"""Git, by plumbing on a bare mirror: no work tree, hooks, index or configuration of anybody's takes part."""
