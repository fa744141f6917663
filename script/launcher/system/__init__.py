"""The product as processes that a test, a measurement or a picture is taken of."""
