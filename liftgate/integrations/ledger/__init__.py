"""What happened, kept in Git on the branch `liftgate/ledger`."""
