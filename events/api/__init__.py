"""What service owners may do to their webhooks, and see of them."""
