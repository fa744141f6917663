"""Where gateways and mail providers post their delivery reports."""
