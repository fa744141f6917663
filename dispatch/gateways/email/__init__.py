"""E-mail over SMTP or through a provider's API."""
