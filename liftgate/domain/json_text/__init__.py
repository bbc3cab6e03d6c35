"""JSON as text: strict reading, pointers, and edits that leave the rest unchanged."""
