"""What an existing repository tells about its environments, values files and owner rules."""
