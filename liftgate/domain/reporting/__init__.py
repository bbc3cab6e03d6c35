"""Success metrics, reports and alerting rules."""
