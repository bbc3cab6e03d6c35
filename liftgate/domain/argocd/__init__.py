"""What Argo CD reports, and what it means for a promotion."""
