"""The long-lived web service: board, approval page, Slack buttons, webhooks, recovery; it keeps no database."""
