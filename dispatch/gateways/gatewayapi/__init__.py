"""SMS through GatewayAPI's REST API."""
