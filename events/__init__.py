"""What service owners are told of their shipments: webhooks."""
