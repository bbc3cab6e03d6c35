"""Starting, watching and stopping the programs beside Liftgate; knows processes, not promotions."""
