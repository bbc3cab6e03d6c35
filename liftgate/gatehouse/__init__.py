"""The long-lived web service: board, approval page, Slack buttons, webhooks, the sweep; it keeps no database."""
