"""What the DNS says of an e-mail address that a service owner wants to send from."""
