"""What developers run: the checkout's commands, benchmarks, pictures."""
