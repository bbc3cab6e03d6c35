"""The long-lived web service: board, approval page, Slack buttons, webhooks, metrics and the sweep; it keeps no database."""
